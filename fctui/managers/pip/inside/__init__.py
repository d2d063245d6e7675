"""Programs that other Pythons than ours run."""
