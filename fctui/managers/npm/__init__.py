"""npm packages: the lock for the target's os, cpu and libc."""
