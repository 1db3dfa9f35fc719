#!/bin/sh
# Build the image twice from the same parts, and compare the two.
# Reads what container/check.sh reads; needs 5 GB beside the images.
set -u
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
if [ -z "${PARTS:-}" ]; then
    sh container/check.sh parts "$work/parts" >"$work/log" 2>&1 ||
        { tail -n 20 "$work/log"; exit 1; }
    export PARTS="$work/parts"
fi
for which in first second; do
    start=$(date +%s)
    IMAGE=untapped-$which FRESH=yes sh container/check.sh build \
        >"$work/log" 2>&1 || { tail -n 20 "$work/log"; exit 1; }
    IMAGE=untapped-$which sh container/check.sh files >"$work/$which.tar" ||
        exit 1
    IMAGE=untapped-$which sh container/check.sh layers >"$work/$which"
    echo "the $which: $(($(date +%s) - start)) s," \
        "$(($(wc -c <"$work/$which.tar") / 1000000)) MB, $(cat "$work/$which")"
done
for python in .venv/bin/python python3 python2.7 python; do
    "$python" -c '' 2>/dev/null || continue
    "$python" tools/compare_images.py "$work/first.tar" "$work/second.tar" ||
        exit
    cmp "$work/first" "$work/second" && echo "their layers have one digest"
    exit
done
echo "make image-twice: no Python was found." >&2
exit 1
