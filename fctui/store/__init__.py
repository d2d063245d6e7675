"""Artifacts, verified and unpacked once, addressed by content, shared by all projects."""
