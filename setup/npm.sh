#!/bin/sh
# Put npm 10 into the virtual environment where this machine's npm is older: npm 9 can neither
# resolve for another machine nor be kept from running scripts of git dependencies.
set -eu
venv=$1
oldest=10

recent() { # npm
    version=$("$1" --version 2>/dev/null) || return 1
    [ "${version%%.*}" -ge "$oldest" ] 2>/dev/null
}
[ ! -x "$venv/bin/npm" ] || ! recent "$venv/bin/npm" || exit 0
npm=$(command -v npm) || exit 0
! recent "$npm" || exit 0

echo "npm $("$npm" --version) is too old: putting npm $oldest into $venv." >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# npm keeps its caches and its settings; only the place is another.
if ! "$npm" install --global --prefix "$venv" --ignore-scripts --no-audit --no-fund \
    --no-update-notifier "npm@$oldest" >"$log" 2>&1 || ! recent "$venv/bin/npm"; then
    tail -n 20 "$log" >&2
    echo "npm $oldest could not be installed; npm dependencies need it:  npm install -g npm@$oldest" >&2
    exit 0
fi
# Debian's npm is told there that global settings are in /etc/npmrc: they hold for this one too.
builtin=$(dirname "$(dirname "$(readlink -f "$npm")")")/npmrc
[ ! -f "$builtin" ] || cp "$builtin" "$venv/lib/node_modules/npm/npmrc"
