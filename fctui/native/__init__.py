"""Reading ELF files, and the search that a loader makes on the target."""
