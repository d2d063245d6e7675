#!/bin/sh
# Make the virtual environment and install the project into it; `dev` adds what tests need.
set -eu
venv=$1
extra=${2:+[$2]}
here=$(dirname "$0")
python=$(sh "$here/python.sh")
[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint "$here/../constraints.txt" --editable "$here/..$extra"
