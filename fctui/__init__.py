"""Vendor the pip, apt, npm and Maven dependencies of a function into its bundle."""

__version__ = "0.1.0"
