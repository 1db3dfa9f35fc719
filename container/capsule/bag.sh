#!/bin/sh
# Make a BagIt bag (RFC 8493) of a folder that holds data/.
#
#     sh bag.sh FOLDER [LINE...]      further lines for bag-info.txt
set -eu
cd "$1"
shift
export LC_ALL=C
odd=$(find data ! -type f ! -type d; find . -name '*[! -~]*')
[ -z "$odd" ] || { echo "bag: neither files nor folders, or not ASCII:" \
    "$odd" >&2; exit 1; }
printf 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n' >bagit.txt
{
    [ $# = 0 ] || printf '%s\n' "$@"
    find data -type f -exec cat {} + | wc -c | tr -d ' ' |
        sed "s/.*/Payload-Oxum: &.$(find data -type f | wc -l | tr -d ' ')/"
} >bag-info.txt
find data -type f -exec sha256sum {} + | sort -k 2 >manifest-sha256.txt
rm -f tagmanifest-*
list=$(mktemp)
for bits in 256 512; do
    find . ! -name . -prune -type f ! -name 'tagmanifest-*' -exec \
        "sha${bits}sum" {} + | sed 's|  \./|  |' | sort -k 2 >"$list"
    cat "$list" >"tagmanifest-sha$bits.txt"
done
rm "$list"
