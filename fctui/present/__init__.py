"""Model to text and cells: pure functions that the command line and the screen both show."""
