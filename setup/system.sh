#!/bin/sh
# Install the system's tools that fctui works with, where apt may; say what is missing elsewhere.
# `dev` adds what tests make and read archives with.
set -eu

# Programs for other processors run in emulation where the kernel may be told so.
emulate() {
    [ "$(id -u)" != 0 ] || [ -e /proc/sys/fs/binfmt_misc/qemu-aarch64 ] ||
        update-binfmts --enable qemu-aarch64 >/dev/null 2>&1 || true
}

mode=${1:-}
missing=""
need() { # program package
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need npm npm
need bwrap bubblewrap
need mmdebstrap mmdebstrap
need gpgv gpgv
if [ "$mode" = dev ]; then
    need git git
    need gpg gpg
    need gpg-agent gpg-agent
    need zstd zstd
    need objdump binutils
    need unzip unzip
    need zip zip
    need mvn maven
    need faketime faketime
    need qemu-aarch64-static qemu-user-static
    need update-binfmts binfmt-support
fi
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing debian-archive-keyring"
[ -e /etc/ssl/certs/ca-certificates.crt ] || missing="$missing ca-certificates"
python=$(sh "$(dirname "$0")/python.sh" || true)
if [ -z "$python" ]; then
    missing="$missing python3 python3-venv"
elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    missing="$missing python3-venv"
fi
if [ -z "$missing" ]; then
    [ "$mode" != dev ] || emulate
    exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
    echo "Not installed, and there is no apt here:$missing" >&2
    exit 0
fi
if [ "$(id -u)" = 0 ]; then
    sudo=""
elif sudo -n true 2>/dev/null; then
    sudo="sudo -n"
else
    echo "Please install, then try again:  sudo apt-get install$missing" >&2
    case "$missing" in *python3*) exit 1 ;; esac
    exit 0
fi
echo "Installing by apt:$missing" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # words are meant to be split
if ! { $sudo apt-get update -qq &&
    $sudo env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "apt-get could not install:$missing" >&2
    exit 1
fi
[ "$mode" != dev ] || emulate
