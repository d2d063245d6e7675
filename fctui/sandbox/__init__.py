"""Running other people's code away from the host: bubblewrap today."""
