"""A function's directory: the dependency files found in it, its settings, and edits to both."""
