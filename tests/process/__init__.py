"""Tests of whole processes, tiny children and the program itself."""
