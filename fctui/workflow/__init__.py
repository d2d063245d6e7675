"""The way that data takes, as one object for the command line and the screen alike."""
