"""Libraries that find each other from where they lie: RUNPATHs relative to `$ORIGIN`, ld.so(8)."""
