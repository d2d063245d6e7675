#!/bin/sh
# Put npm 10 into the virtual environment where this machine's npm is older than 10.3: such a one
# cannot resolve for another machine than this.
set -eu
venv=$1
wanted=10

recent() { # npm
    version=$("$1" --version 2>/dev/null) || return 1
    rest=${version#*.}
    [ "${version%%.*}" -gt 10 ] 2>/dev/null ||
        { [ "${version%%.*}" = 10 ] && [ "${rest%%.*}" -ge 3 ] 2>/dev/null; }
}
[ ! -x "$venv/bin/npm" ] || ! recent "$venv/bin/npm" || exit 0
npm=$(command -v npm) || exit 0
! recent "$npm" || exit 0

echo "npm $("$npm" --version) is too old: putting npm $wanted into $venv." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# npm keeps its caches and its settings; only the place is another.
if ! "$npm" install --global --prefix "$venv" --ignore-scripts --no-audit --no-fund \
    --no-update-notifier "npm@$wanted" >"$log" 2>&1 || ! recent "$venv/bin/npm"; then
    tail -n 20 "$log" >&2
    echo "npm $wanted could not be installed; npm dependencies need it:  npm install -g npm@$wanted" >&2
    exit 0
fi
# Debian's npm is told there that global settings are in /etc/npmrc: they hold for this one too.
builtin=$(dirname "$(dirname "$(readlink -f "$npm")")")/npmrc
[ ! -f "$builtin" ] || cp "$builtin" "$venv/lib/node_modules/npm/npmrc"
