#!/bin/sh
# Print the first Python that is new enough.
for python in python3 python3.13 python3.12 python3.11 python3.14; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$python"
        exit 0
    fi
done
echo "fctui needs Python 3.11 or newer; this machine has $(python3 --version 2>&1 || echo none)." >&2
exit 1
