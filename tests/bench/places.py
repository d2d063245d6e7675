"""Where measurements take place, the program that is measured, and the eleven requirements."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PLACE = Path(os.environ.get("BENCH_DIR", ".bench")).absolute()
FCTUI = (sys.executable, "-m", "fctui")
CHECKOUT = Path(__file__).parents[2]
REQUIREMENTS = """\
opencv-python
pandas
pillow
PyMySQL
oss2
requests
scikit-learn
matplotlib
boto3
flask
sqlalchemy
"""

SETTINGS = 'target = "local"\n[pip]\nsdists = "host"\n[bundle]\ncode = false\n'
# On the host, as both peers build sdists; for this machine, as both peers resolve for it.


def caches(name: str) -> dict[str, str]:
    """Caches of all three tools below one directory."""
    top = PLACE / "caches" / name
    return {
        "FCTUI_CACHE_DIR": str(top / "fctui"),
        "PIP_CACHE_DIR": str(top / "pip"),
        "UV_CACHE_DIR": str(top / "uv"),
        "PYTHONPATH": str(CHECKOUT),
    }
