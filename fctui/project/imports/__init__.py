"""Other tools' files, read for what they say of a function: dependencies, target, variables."""
