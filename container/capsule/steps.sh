#!/bin/sh
# What rebuild.sh does once every file is as it was packed.
#
#     sh steps.sh CAPSULE [--without-engine]
#
# Writes into a folder of its own in TMPDIR (3 GB) and removes it.  Each step
# says what it proves.  Exit status: 0 all is identical, 1 something is not.
set -u
capsule=$1
export LC_ALL=C
umask 022
work=$(mktemp -d) || exit 1
image=untapped-capsule-$$
engine=
failed=0

finish() {
    for root in "$work/kept" "$work/made"; do
        umount -l "$root/proc" 2>/dev/null
    done
    [ -z "$engine" ] || $engine rmi -f "$image" "$image-base" "$image-again" \
        untapped-capsule >/dev/null 2>&1
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

if [ "${2:-}" != --without-engine ]; then
    if docker info >/dev/null 2>&1; then
        engine=docker
    elif podman info >/dev/null 2>&1; then
        engine=podman
    fi
fi

# step WHAT COMMAND...: run it; it passes if its last line says IDENTICAL
step() {
    what=$1
    shift
    echo "== $what"
    start=$(date +%s)
    "$@" >"$work/log" 2>&1
    status=$?
    sed 's/^/   /' "$work/log" | tail -n 15
    if [ $status = 0 ] && tail -n 1 "$work/log" | grep -q IDENTICAL; then
        echo "pass ($(($(date +%s) - start)) s)"
    else
        failed=$((failed + 1))
        echo "FAIL (status $status)"
    fi
}

# With an engine -------------------------------------------------------------

# check IMAGE WORDS...: container/check.sh of a copy of the source, which a
# build may write to
check() {
    name=$1
    shift
    IMAGE=$name sh "$work/source/container/check.sh" "$@"
}

load() {
    $engine load -q -i "$capsule/data/image/untapped.oci.tar" || return 1
    $engine tag localhost/untapped-capsule "$image" 2>/dev/null ||
        $engine tag untapped-capsule "$image" || return 1
    check "$image" layers >"$work/layers"
    cut -d ' ' -f 1 "$capsule/data/image/layers.txt" |
        cmp - "$work/layers" && echo "the layers: IDENTICAL"
}

build_again() {
    gzip -dc "$capsule/data/base.tar.gz" |
        $engine import - "localhost/$image-base" || return 1
    . "$capsule/data/image/names.sh"
    export REVISION TREE
    export PARTS="$capsule/data/parts" BASE="localhost/$image-base" FRESH=yes
    check "$image-again" build || return 1
    check "$image-again" layers >"$work/layers-again"
    if cmp "$work/layers" "$work/layers-again"; then
        echo "the image that was built again: IDENTICAL"
        return
    fi
    # another engine may pack the same files in another way
    check "$image" files >"$work/shared/kept.tar" &&
        check "$image-again" files >"$work/shared/again.tar" &&
        check "$image" in "$work/shared" python tools/compare_images.py \
            results/kept.tar results/again.tar &&
        echo "the files of the image that was built again: IDENTICAL"
}

# Without --------------------------------------------------------------------

# root FOLDER: what programs in a chroot need beside their files
furnish() {
    mkdir -p "$1/proc" "$1/dev/shm"
    chmod 1777 "$1/dev/shm"
    for device in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' \
        'urandom 1 9'; do
        set -- "$1" $device
        [ -e "$1/dev/$2" ] || mknod -m 666 "$1/dev/$2" c "$3" "$4" || return 1
    done
    mount -t proc proc "$1/proc"
}

# within FOLDER COMMAND...: with the variables that the image sets
within() {
    cp "$capsule/data/image/environment.sh" "$1/tmp" || return 1
    root=$1
    shift
    chroot "$root" /usr/bin/env -i /bin/sh -c '
        . /tmp/environment.sh && cd /opt/untapped && exec "$@"' sh "$@" \
        </dev/null
}

unpack() {
    mkdir "$work/kept" "$work/made" || return 1
    while read -r digest blob; do
        tar -xOf "$capsule/data/image/untapped.oci.tar" "$blob" |
            gzip -dc >"$work/layer.tar" || return 1
        echo "$digest" | cut -d : -f 2 | sed "s|\$|  $work/layer.tar|" |
            sha256sum -c || return 1
        tar --numeric-owner -xpf "$work/layer.tar" -C "$work/kept" || return 1
    done <"$capsule/data/image/layers.txt"
    furnish "$work/kept" && echo "the layer: IDENTICAL"
}

make_again() {
    root=$work/made
    gzip -dc "$capsule/data/base.tar.gz" |
        tar --numeric-owner -xpf - -C "$root" || return 1
    mkdir -p "$root/opt/untapped/tools" "$root/opt/untapped/container" \
        "$root/opt/untapped/untapped"
    furnish "$root" || return 1
    # as the Dockerfile does
    cp -R "$capsule/data/parts" "$root/parts"
    here=$root/opt/untapped
    cp "$work/source/container/install.sh" "$here/container" &&
        build_step debian || return 1
    cp "$work/source/requirements.lock" "$here" &&
        cp "$work"/source/tools/make_env.sh "$work"/source/tools/*.lock \
            "$here/tools" &&
        cp "$work/source/untapped/pins.py" "$here/untapped" &&
        build_step python || return 1
    cp -R "$work/source/untapped" "$work"/source/run_*.py "$here" &&
        cp "$work/source/container/steady.py" "$here/container" &&
        build_step compiled || return 1
    cp -R "$work/source/." "$here" && build_step untapped || return 1
    umount "$root/proc" && rm -rf "$root"/dev/* || return 1
    tar --numeric-owner -C "$root" -cf "$work/kept/tmp/made.tar" . &&
        mv "$work/layer.tar" "$work/kept/tmp/kept.tar" || return 1
    rm -rf "$root"
    within "$work/kept" python tools/compare_images.py /tmp/kept.tar \
        /tmp/made.tar &&
        echo "the files of the image that was made again: IDENTICAL"
}

build_step() {
    chroot "$root" /usr/bin/env -i \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        sh -c 'umask 022; cd /opt/untapped && sh container/install.sh /parts "$1"' \
        sh "$1" </dev/null
}

# The steps ------------------------------------------------------------------

mkdir "$work/shared" || exit 1
chmod 777 "$work" "$work/shared"
cp -R "$capsule/data/source" "$work/source" || exit 1

if [ -n "$engine" ]; then
    echo "With $engine, without a network, in $work"
    inside() { check "$image" in "$work/shared" "$@"; }
    kept=results
    step "the image is the one that was packed, layer by layer" load
elif [ "$(id -u)" = 0 ]; then
    echo "Without an engine, in a chroot, in $work"
    inside() { within "$work/kept" "$@"; }
    kept=/tmp
    step "the image is the one that was packed, layer by layer" unpack
else
    echo "steps: neither Docker nor Podman answers, and only root can make" \
        "a chroot" >&2
    exit 1
fi

# with a copy of what the image has compiled
golden() {
    inside sh -c 'cp -R .theano /tmp/compiled &&
        exec python -m untapped.verify golden --quiet \
            --compile-folder /tmp/compiled/*'
}
again() { inside python -m untapped.archive rerun "$kept/$1"; }

[ $failed = 0 ] && step "the golden cases: what the image computes are the \
bits recorded from the published code" golden
for bag in "$capsule"/data/runs/*; do
    name=${bag##*/}
    [ $failed = 0 ] || continue
    if [ -n "$engine" ]; then
        cp -R "$bag" "$work/shared/$name"
    else
        cp -R "$bag" "$work/kept/tmp/$name"
    fi
    step "the kept run $name: repeated, it gives the same bits in every file" \
        again "$name"
done
if [ $failed = 0 ]; then
    if [ -n "$engine" ]; then
        step "the image, built again from the base, the .debs and the wheels: \
the same files, times and owners" build_again
    else
        step "the image's files, made again from the base, the .debs and the \
wheels: the same, with their times and owners" make_again
    fi
fi
[ $failed = 0 ] && echo "All is IDENTICAL."
