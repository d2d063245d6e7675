"""Tests of fctui."""
