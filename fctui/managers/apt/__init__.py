"""Debian packages: the real solver in a private root, unpacked without maintainer scripts."""
