"""What runs on a runtime itself."""
