#!/bin/sh
# Build the image, and try it as it will be used.
#
#     container/check.sh build      only build it, as untapped:latest
#                                   (FRESH=yes: no step from a cache)
#     container/check.sh            build it and run each script's --quick in
#                                   it: no network, a uid that its passwd does
#                                   not know, a read-only root, a results
#                                   folder from outside
#     container/check.sh run        the same in the image that is there
#     container/check.sh there      whether there is an engine with the image
#     container/check.sh files      all its files, as a tar on stdout
#     container/check.sh parts FOLDER
#                                   only gather what it is made of, in FOLDER
#     container/check.sh base       all files of the base, as a tar on stdout
#     container/check.sh import IMAGE
#                                   an image of such a tar on stdin
#     container/check.sh save FILE  the image as an OCI archive
#     container/check.sh layers     the digests of its layers
#     container/check.sh sbom       what it is made of, SPDX on stdout
#     container/check.sh in FOLDER [--with PROGRAM] COMMAND...
#                                   a command in it, FOLDER as its results
#                                   folder, behind a program of this machine
#                                   that needs no library (an emulator)
#
# Needs Docker or Podman; where Podman reaches no registry, debootstrap and root
# make the base from a Debian mirror.  Of the environment it reads PIP_CERT (a
# certificate file, for a network that re-signs TLS), PIP_INDEX_URL, APT_MIRROR,
# APT_SNAPSHOT, APT_ARCHIVE and APT_SNAPSHOTS (see the Dockerfile), IMAGE, and
# PARTS: a folder that `parts` has made, from which the image is built without
# a network.  BASE is the image to start from; REVISION and TREE are git's names
# of the commit and its tree, where there is no git.
# Exit status: 0 all passed, 1 something failed, 3 no engine.
set -u
cd "$(dirname "$0")/.." || exit 1
image=${IMAGE:-untapped}
uid=12345
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

if docker info >/dev/null 2>&1; then
    engine=docker
    build_options=
    live_options=
    run_options=
elif podman info >/dev/null 2>&1; then
    engine=podman
    # without privileges, systemd or a bridge: chroot; and all files of the
    # layer bear the time that the Dockerfile gives them
    build_options="--isolation=chroot --pull=never --timestamp 1467331200"
    live_options=--network=host
    # Podman would add the uid to the passwd that the container sees
    run_options="--passwd=false --ulimit nofile=1024:1024
                 --ulimit nproc=4096:4096"
    command -v runc >/dev/null 2>&1 && runtime="--runtime runc"
else
    echo "no container engine runs here: neither 'docker info' nor" \
        "'podman info' answers." >&2
    exit 3
fi

base=${BASE:-docker.io/library/debian:bullseye-slim}

# The base image: there, from a registry, or made of Debian's packages.
have_base() {
    [ $engine = podman ] || return 0
    podman image exists $base && return
    podman pull -q $base && return
    command -v debootstrap >/dev/null 2>&1 && [ "$(id -u)" = 0 ] || return 1
    echo "no registry gave $base: making it with debootstrap"
    debootstrap --variant=minbase bullseye "$work/base" \
        "${APT_MIRROR:+$APT_MIRROR/debian}" >"$work/debootstrap" 2>&1 ||
        { tail -n 5 "$work/debootstrap"; return 1; }
    # of this machine
    for name in hostname hosts resolv.conf machine-id; do
        rm -f "$work/base/etc/$name"
    done
    rm -rf "$work"/base/var/cache/apt/archives/*.deb \
        "$work"/base/var/lib/apt/lists/* "$work"/base/var/log/* \
        "$work"/base/dev/*
    tar -C "$work/base" -c . | podman import - $base
}

of_git() { git rev-parse -q --verify "$1" 2>/dev/null || echo unknown; }

# build [OPTION...]: the image, or what the Dockerfile's stages are
build() {
    have_base || return 1
    set -- --build-arg "BASE=$base" \
        --build-arg "REVISION=${REVISION:-$(of_git HEAD)}" \
        --build-arg "TREE=${TREE:-$(of_git 'HEAD^{tree}')}" "$@"
    for variable in PIP_INDEX_URL APT_MIRROR APT_SNAPSHOT APT_ARCHIVE \
        APT_SNAPSHOTS; do
        eval "value=\${$variable:-}"
        [ -z "$value" ] || set -- "$@" --build-arg "$variable=$value"
    done
    before=
    # what the build needs beside the source goes through container/parts/
    rm -rf container/parts
    trap 'rm -rf "$work" container/parts' EXIT
    if [ -n "${PARTS:-}" ]; then
        cp -R "$PARTS" container/parts || return 1
        network=--network=none
        # without privileges there is only a namespace around all of it
        [ $engine = docker ] || ! unshare -n true 2>/dev/null || {
            network=$live_options
            before='unshare -n'
        }
    else
        network=$live_options
        mkdir container/parts || return 1
        [ -z "${PIP_CERT:-}" ] ||
            cp "$PIP_CERT" container/parts/certificate.pem || return 1
    fi
    [ "${FRESH:-no}" = no ] || set -- "$@" --no-cache
    # shellcheck disable=SC2086
    $before $engine build $build_options $network "$@" .
}

# parts FOLDER: gather what the image is made of
parts() {
    [ ! -e "$1" ] || { echo "$1 exists already" >&2; return 1; }
    build --target parts -t "$image-parts" || return 1
    made=$($engine create "$image-parts" true) || return 1
    $engine cp "$made:/parts" "$1"
    status=$?
    $engine rm "$made" >/dev/null
    return $status
}

# For the manifest of a run: no container knows what image it is of.
image_id() {
    $engine image inspect --format '{{.Id}}' "$image" 2>/dev/null
}

run() {
    # shellcheck disable=SC2086
    $engine ${runtime:-} run --rm --network=none --read-only --user $uid \
        -e UNTAPPED_IMAGE_ID="$(image_id)" \
        --tmpfs /tmp $run_options \
        -v "${results:-$work/results}:/opt/untapped/results" \
        "$image" "$@"
}

# files_of IMAGE: all its files, as a tar on stdout
files_of() {
    made=$($engine create "$1" true) || return 1
    $engine export "$made"
    status=$?
    $engine rm "$made" >/dev/null
    return $status
}

failed=0
passed=0

# try NAME COMMAND...: run it, print pass or FAIL and what it said last
try() {
    name=$1
    shift
    start=$(date +%s)
    if "$@" >"$work/log" 2>&1; then
        passed=$((passed + 1))
        echo "pass  $name ($(($(date +%s) - start)) s)"
    else
        failed=$((failed + 1))
        echo "FAIL  $name"
        tail -n 20 "$work/log" | sed 's/^/      /'
    fi
}

check_results() {
    run sh -c "$1 --quick --quiet --out results" || return 1
    # the run's folder came out, owned by that uid, with its files in it
    find "$work/results" -name metrics.json -uid $uid | grep -q . || return 1
    find "$work/results" -name '*.png' | grep -q . || return 1
    rm -rf "$work/results"/*
}

case ${1:-all} in
there)
    $engine image inspect "$image" >/dev/null 2>&1
    exit
    ;;
files)
    files_of "$image"
    exit
    ;;
base)
    have_base >&2 && files_of "$base"
    exit
    ;;
import)
    $engine import - "localhost/$2"
    exit
    ;;
save)
    if [ $engine = podman ]; then
        podman save -q --format oci-archive -o "$2" "$image"
    else
        docker save -o "$2" "$image"    # OCI's form since Docker 25
    fi
    exit
    ;;
layers)
    $engine image inspect --format '{{range .RootFS.Layers}}{{println .}}{{end}}' \
        "$image" | grep .
    exit
    ;;
sbom)
    results=$work
    run python tools/sbom.py \
        "$(git log -1 --format=%ct 2>/dev/null || echo 0)"
    exit
    ;;
in)
    results=$2
    shift 2
    if [ "${1:-}" = --with ]; then
        run_options="$run_options -v $2:/usr/local/bin/${2##*/}:ro"
        before=/usr/local/bin/${2##*/}
        shift 2
        # its own options, then the program by its whole path
        while [ "${1#-}" != "$1" ]; do
            before="$before $1 $2"
            shift 2
        done
        program=$1
        shift
        set -- sh -c "exec $before \"\$(command -v $program)\" \"\$@\"" sh "$@"
    fi
    run "$@"
    exit
    ;;
build)
    build -t "$image"
    exit
    ;;
parts)
    parts "$2"
    exit
    ;;
all)
    try "the image builds" build -t "$image"
    [ $failed = 0 ] || exit 1
    ;;
run) ;;
*)
    sed -n '2,37s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac

mkdir "$work/results"
chmod 777 "$work/results"
try "its uid is in no passwd, its root cannot be written to" \
    run sh -c '! grep -q ":12345:" /etc/passwd && ! touch /opt/untapped/x'
# as if given with -e
try "the pins are in force, whatever its environment says" \
    run env OPENBLAS_CORETYPE=Haswell OPENBLAS_NUM_THREADS=8 \
    THEANO_FLAGS=floatX=float64,optimizer=fast_run python -c '
import untapped, numpy, theano
assert untapped.pins.overrides() == [], untapped.pins.overrides()'
for script in run_*.py; do
    try "python $script --quick" check_results "python $script"
done
if [ -d tests/golden ]; then
    try "a golden case has its bits" \
        run sh -c 'cp -R .theano /tmp/compiled &&
            exec python -m untapped.verify golden crism_untapped \
                --compile-folder /tmp/compiled/*'
fi
echo "container: $passed passed, $failed failed"
[ $failed = 0 ]
