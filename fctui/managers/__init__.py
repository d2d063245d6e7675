"""The package managers: each resolves, lists contents, fetches, and lays out its files."""
