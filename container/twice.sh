#!/bin/sh
# Build the image twice without a cache, and compare the two file by file.
# Reads what container/check.sh reads; needs 3 GB beside the images.
set -u
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
for which in first second; do
    IMAGE=untapped-$which FRESH=yes sh container/check.sh build \
        >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
    IMAGE=untapped-$which sh container/check.sh files >"$work/$which.tar" ||
        exit 1
done
for python in .venv/bin/python python3 python2.7 python; do
    "$python" -c '' 2>/dev/null || continue
    "$python" tools/compare_images.py "$work/first.tar" "$work/second.tar"
    exit
done
echo "make image-twice: no Python was found." >&2
exit 1
