"""Whole-process measurements against the tools that people use today; run by `make bench`."""
