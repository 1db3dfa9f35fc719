#!/bin/sh
# Gather what the image is made of: every .deb, every file of a Python package.
#
#     container/parts.sh FOLDER           all of it
#     container/parts.sh FOLDER debian    only Debian's packages
#
# Runs in the base image (see the Dockerfile).  Where container/parts/ holds
# them already, as in a capsule, they are taken from there and no network is
# asked.  FOLDER/from says where they came from.
#
# Of the environment it reads APT_MIRROR, APT_SNAPSHOT, APT_ARCHIVE,
# APT_SNAPSHOTS and PIP_INDEX_URL; empty is not set.  A certificate, for a
# network that re-signs TLS, is taken from container/parts/certificate.pem.
set -eu
folder=$1
given=container/parts
packages='g++ python2.7 python2.7-dev'
export DEBIAN_FRONTEND=noninteractive
certificate=
[ ! -f $given/certificate.pem ] ||
    certificate="-o Acquire::https::CAInfo=$PWD/$given/certificate.pem"

say() { echo "parts: $*"; }

# The places to ask, one a line: the folders of Debian's and of its security
# archive.  Debian 11 leaves the mirrors for archive.debian.org; snapshots are
# there for ever.
places() {
    snapshots=${APT_SNAPSHOTS:-http://snapshot.debian.org/archive}
    if [ -n "${APT_SNAPSHOT:-}" ]; then
        snapshots=${APT_MIRROR:-$snapshots}
    else
        for place in "${APT_MIRROR:-http://deb.debian.org}" \
            "${APT_ARCHIVE:-http://archive.debian.org}"; do
            echo "$place/debian $place/debian-security"
        done
    fi
    day=${APT_SNAPSHOT:-20260801T000000Z}
    echo "$snapshots/debian/$day $snapshots/debian-security/$day"
}

apt() {
    # shellcheck disable=SC2086
    apt-get -q -o APT::Get::Assume-Yes=true -o APT::Install-Recommends=false \
        -o Dir::Etc::SourceList="$folder/sources.list" \
        -o Dir::Etc::SourceParts=/nowhere -o Dir::State::lists="$folder/lists" \
        -o APT::Update::Error-Mode=any -o Acquire::Check-Valid-Until=false \
        -o Acquire::Retries=2 -o Acquire::http::Timeout=30 $certificate "$@"
}

# debian MAIN SECURITY: whether the packages are there, and come
debian() {
    printf 'deb %s bullseye main\ndeb %s bullseye-security main\n' \
        "$1" "$2" >"$folder/sources.list"
    rm -rf "$folder/lists"
    mkdir -p "$folder/lists/partial" "$folder/debs/partial"
    # shellcheck disable=SC2086
    apt update && apt install --download-only \
        -o Dir::Cache::archives="$folder/debs" $packages
}

fetch_debs() {
    # shellcheck disable=SC2046
    set -- $(places)
    while [ $# -gt 0 ]; do
        if debian "$1" "$2"; then
            say "Debian's packages came from $1"
            echo "Debian's packages: $1 $2" >>"$folder/from"
            return
        fi
        say "$1 and $2 do not give Debian 11's packages"
        shift 2
    done
    say "no place gave Debian 11's packages; name one with APT_MIRROR" \
        "or APT_SNAPSHOT" >&2
    return 1
}

# pip reads its index and certificate from the environment
fetch_wheels() {
    apt install python2.7 python3-pip
    [ -n "${PIP_INDEX_URL:-}" ] || unset PIP_INDEX_URL
    unset PIP_CERT
    [ -z "$certificate" ] || export PIP_CERT="$PWD/$given/certificate.pem"
    export PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
    export PIP_NO_PYTHON_VERSION_WARNING=1
    python3 -m pip download -q --no-deps --require-hashes \
        -r tools/virtualenv.lock -d "$folder/wheels"
    python3 -m pip install -q --no-deps --no-index --target /tmp/virtualenv \
        "$folder"/wheels/virtualenv-*.whl
    python2.7 /tmp/virtualenv/virtualenv.py -q --no-download /tmp/venv
    # the Python that they are for chooses them
    /tmp/venv/bin/python -m pip download -q --no-deps --require-hashes \
        -r requirements.lock -d "$folder/wheels"
    echo "Python's packages: ${PIP_INDEX_URL:-https://pypi.org/simple}" \
        >>"$folder/from"
}

rm -rf "$folder"
if [ -f $given/SHA256SUMS ]; then
    (cd $given && sha256sum --quiet -c SHA256SUMS)
    mkdir "$folder"
    cp -R $given/debs $given/wheels $given/from $given/SHA256SUMS "$folder"
    say "taken from $given, their hashes are right"
else
    mkdir "$folder"
    fetch_debs
    [ "${2:-}" = debian ] || fetch_wheels
    rm -rf "$folder/lists" "$folder/sources.list" "$folder/debs/partial" \
        "$folder/debs/lock"
    (cd "$folder" && find . -type f ! -name SHA256SUMS -exec sha256sum {} + |
        sort -k 2 >SHA256SUMS)
    say "$(wc -l <"$folder/SHA256SUMS") files are in $folder"
fi
