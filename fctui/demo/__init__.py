"""The example that `fctui demo` works on; it ships in the wheel."""
