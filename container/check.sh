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
#     container/check.sh sbom       what it is made of, SPDX on stdout
#     container/check.sh in FOLDER [--with PROGRAM] COMMAND...
#                                   a command in it, FOLDER as its results
#                                   folder, behind a program of this machine
#                                   that needs no library (an emulator)
#
# Needs Docker or Podman; where Podman reaches no registry, debootstrap and root
# make the base from a Debian mirror.  Of the environment it reads PIP_CERT (a
# certificate file, for a network that re-signs TLS), PIP_INDEX_URL, APT_MIRROR
# and APT_SNAPSHOT (see the Dockerfile), and IMAGE.
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
    run_options=
elif podman info >/dev/null 2>&1; then
    engine=podman
    # without privileges, systemd or a bridge: chroot and the host's network
    build_options="--isolation=chroot --network=host --pull=never"
    # Podman would add the uid to the passwd that the container sees
    run_options="--passwd=false --ulimit nofile=1024:1024
                 --ulimit nproc=4096:4096"
    command -v runc >/dev/null 2>&1 && runtime="--runtime runc"
else
    echo "no container engine runs here: neither 'docker info' nor" \
        "'podman info' answers." >&2
    exit 3
fi

base=docker.io/library/debian:bullseye-slim

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
    tar -C "$work/base" -c . | podman import - $base
}

build() {
    have_base || return 1
    set -- --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null ||
                                   echo unknown)"
    for variable in PIP_INDEX_URL APT_MIRROR APT_SNAPSHOT; do
        eval "value=\${$variable:-}"
        [ -z "$value" ] || set -- "$@" --build-arg "$variable=$value"
    done
    if [ -n "${PIP_CERT:-}" ]; then
        set -- "$@" --secret "id=cert,src=$PIP_CERT" \
            --build-arg PIP_CERT=/run/secrets/cert
    fi
    [ "${FRESH:-no}" = no ] || set -- "$@" --no-cache
    # shellcheck disable=SC2086
    $engine build $build_options "$@" -t "$image" .
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
    made=$($engine create "$image" true) || exit 1
    $engine export "$made"
    status=$?
    $engine rm "$made" >/dev/null
    exit $status
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
    build
    exit
    ;;
all)
    try "the image builds" build
    [ $failed = 0 ] || exit 1
    ;;
run) ;;
*)
    sed -n '2,27s/^# \{0,1\}//p' "$0" >&2
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
        run python -m untapped.verify golden crism_untapped
fi
echo "container: $passed passed, $failed failed"
[ $failed = 0 ]
