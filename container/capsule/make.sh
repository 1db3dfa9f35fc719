#!/bin/sh
# Make a capsule: one folder from which everything can be had again.
#
#     container/capsule/make.sh FOLDER
#
# Reads what container/check.sh reads; PARTS, a folder that `check.sh parts`
# made, spares the downloads.  The source is that of the last commit.
set -eu
[ $# = 1 ] && [ ! -e "$1" ] || {
    echo "capsule: expected the name of a folder that is not there yet, got" \
        "'${1:-}'" >&2
    exit 2
}
mkdir -p "$1/data/image" "$1/data/runs" "$1/data/licences"
capsule=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
data=$capsule/data
export IMAGE=untapped-capsule

say() { echo "capsule: $*"; }

[ -z "$(git status --porcelain)" ] ||
    say "there are changes that are in no commit; they will not be in it"
REVISION=$(git rev-parse HEAD)
TREE=$(git rev-parse 'HEAD^{tree}')
export REVISION TREE
seconds=$(git log -1 --format=%ct)

say "the source, as a tree and with its history"
mkdir "$data/source"
git -c tar.umask=0022 archive HEAD | tar -x -C "$data/source"
git bundle create -q "$data/source.bundle" HEAD
cp -R "$data/source/tests/golden" "$data/golden"

say "what the image is made of"
if [ -n "${PARTS:-}" ]; then
    cp -R "$PARTS" "$data/parts"
else
    sh container/check.sh parts "$data/parts" >"$work/log" 2>&1 ||
        { tail -n 20 "$work/log" >&2; exit 1; }
fi
sh container/check.sh base | gzip -n -9 >"$data/base.tar.gz"

say "the image, from that alone"
cp -R "$data/source" "$work/source"
gzip -dc "$data/base.tar.gz" |
    sh container/check.sh import untapped-capsule-base >/dev/null
inside() { sh "$work/source/container/check.sh" "$@"; }
env PARTS="$data/parts" BASE=localhost/untapped-capsule-base FRESH=yes \
    sh "$work/source/container/check.sh" build >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; exit 1; }
inside save "$data/image/untapped.oci.tar" >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; exit 1; }
# its one layer is the largest of what the archive holds
echo "$(inside layers) $(tar -tvf "$data/image/untapped.oci.tar" |
    sort -n -k 3 | tail -n 1 | sed 's/.* //')" >"$data/image/layers.txt"
[ "$(wc -l <"$data/image/layers.txt")" = 1 ]
printf 'REVISION=%s\nTREE=%s\n' "$REVISION" "$TREE" >"$data/image/names.sh"
mkdir "$work/results"
chmod 777 "$work" "$work/results"
inside in "$work/results" sh -c 'export -p' |
    grep -E ' (THEANO|OPENBLAS|OMP|MPL|HOME|LANG|PATH|UNTAPPED_(REV|TREE))' \
        >"$data/image/environment.sh"
inside sbom >"$data/image/sbom.spdx.json"

say "the licences of its parts"
inside in "$work/results" sh container/capsule/licences.sh results/licences
cp -R "$work/results/licences/." "$data/licences"
cp LICENSE "$data/licences/untapped.txt"

# spectra of one's own are simulated by nobody
say "one run of each experiment that has simulated data"
for experiment in $(inside in "$work/results" python -c '
from untapped.datasets import SIMULATORS
print(" ".join(sorted(SIMULATORS)))'); do
    inside in "$work/results" sh -c '
        python -m untapped.experiments --experiment $1 --data simulated \
            --quick --quiet --out results --name $1 &&
        python -m untapped.archive results/$1' sh $experiment \
        >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; exit 1; }
    cp -R "$work/results/$experiment-bag" "$data/runs/$experiment"
done

say "the bag"
cp container/capsule/rebuild.sh "$capsule"
(cd "$data" && du -sm -- * parts/* | sort -k 2 |
    awk '{ printf "    %-16s %5d MB\n", $2, $1 }') >"$work/parts"
sed -e "/@PARTS@/{r $work/parts" -e "d;}" -e "s/@REVISION@/$REVISION/" \
    -e "s/@TREE@/$TREE/" container/capsule/READ-ME-FIRST.txt \
    >"$capsule/READ-ME-FIRST.txt"
sh container/capsule/bag.sh "$capsule" \
    "External-Description: untapped, with all that it takes to have it again" \
    "External-Identifier: swh:1:rev:$REVISION" \
    "External-Identifier: swh:1:dir:$TREE" \
    "Bagging-Date: $(date -u -d "@$seconds" +%Y-%m-%d 2>/dev/null ||
        date -u +%Y-%m-%d)"
sh container/capsule/verify.sh "$capsule"
cat "$work/parts"
du -sm "$capsule" | awk '{ printf "    %-16s %5d MB\n", "all of it", $1 }'
