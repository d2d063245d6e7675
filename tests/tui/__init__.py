"""The screen, driven as a user drives it."""
