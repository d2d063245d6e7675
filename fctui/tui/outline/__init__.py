"""Graphs and directories as rows that open and close: pure, without a terminal."""
