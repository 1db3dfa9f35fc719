#!/bin/sh
# Hold every file of a capsule against its lists, and name those that differ.
#
#     sh verify.sh CAPSULE
#
# manifest-sha256.txt lists what is in data/, tagmanifest-*.txt what is beside
# it: a file that only one of the two finds changed is as it was, and the list
# is not.  Exit status: 0 all are as they were packed, 1 some are not.
set -u
cd "$1" || exit 1
export LC_ALL=C
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# hashed BITS: "hash, two spaces, name" of what find gives it, in order
hashed() {
    bits=$1
    shift
    if command -v "sha${bits}sum" >/dev/null 2>&1; then
        find "$@" -exec "sha${bits}sum" {} +
    elif command -v shasum >/dev/null 2>&1; then
        find "$@" -exec shasum -a "$bits" {} +
    else
        find "$@" -exec openssl dgst "-sha$bits" -r {} +
    fi | sed 's|^\([0-9a-f]*\) [ *]\(\./\)*|\1  |' | sort
}

# differing LIST HASHED: names of the files that are not as in the list
differing() {
    sort "$1" >"$work/listed"
    comm -3 "$work/listed" "$2" | sed 's/^	*[^ ]*  //' | sort -u
}

for bits in 256 512; do
    hashed $bits . ! -name . -prune -type f ! -name 'tagmanifest-*' \
        >"$work/tags"
    differing tagmanifest-sha$bits.txt "$work/tags" >"$work/$bits" 2>&1
    find . ! -name . -prune ! -type f ! -name data >>"$work/$bits"
done
if [ -s "$work/256" ] && [ -s "$work/512" ]; then
    sort -u "$work/256" "$work/512"
elif [ -s "$work/256" ]; then
    echo tagmanifest-sha256.txt
elif [ -s "$work/512" ]; then
    echo tagmanifest-sha512.txt
fi >"$work/odd"
hashed 256 data -type f >"$work/payload"
# the list of what is in data/ says nothing if it is damaged itself
if [ ! -s "$work/odd" ]; then
    differing manifest-sha256.txt "$work/payload"
    find data ! -type f ! -type d
fi >>"$work/odd"
if [ -s "$work/odd" ]; then
    echo "verify: these files are not as they were packed, too many or" \
        "missing:" >&2
    sed 's/^/    /' "$work/odd" >&2
    exit 1
fi
echo "verify: $(wc -l <"$work/payload") files in data/ and" \
    "$(wc -l <"$work/tags") beside it are as they were packed"
