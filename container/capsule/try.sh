#!/bin/sh
# Try a capsule as it will be used: a copy of it, where there is no network.
#
#     container/capsule/try.sh CAPSULE [engine|plain|flips|2046]...
#
#     engine  sh rebuild.sh, with the engine that is here
#     plain   sh rebuild.sh --without-engine
#     flips   one bit in each of FLIPS (200) random files: rebuild.sh must name
#             the file and end with 1
#     2046    what follows takes the year for 2046; LIBFAKETIME is the library
#             of that name for Debian 11, and faketime is installed here
#
# Needs root.  Exit status: 0 all as it should be.
set -u
capsule=$(cd "$1" && pwd) || exit 1
shift
[ $# -gt 0 ] || set -- engine plain flips ${LIBFAKETIME:+2046 engine plain}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
clock=
cp -R "$capsule" "$work/capsule" || exit 1
cd "$work/capsule" || exit 1

# expect STATUS WORD COMMAND...: without a network
expect() {
    wanted=$1
    word=$2
    shift 2
    start=$(date +%s)
    if [ -z "$clock" ]; then
        unshare -n "$@" >"$work/said" 2>&1
    else
        PATH=$work/bin:$PATH unshare -n faketime "$clock" "$@" \
            >"$work/said" 2>&1
    fi
    status=$?
    if [ $status = "$wanted" ] && grep -qF -e "$word" "$work/said"; then
        return
    fi
    failed=$((failed + 1))
    echo "FAIL: status $status, expected $wanted and '$word': $*"
    tail -n 30 "$work/said"
    return 1
}

whole() {
    expect 0 "All is IDENTICAL." "$@" &&
        grep -E '^(==|pass)|IDENTICAL' "$work/said" &&
        echo "pass: $* ${clock:+in 2046 }($(($(date +%s) - start)) s)"
}

# What programs are run by is wrapped: what they run takes it for 2046.
in_2046() {
    [ -f "${LIBFAKETIME:-}" ] || {
        echo "2046: LIBFAKETIME names no file"
        return 1
    }
    mkdir "$work/bin" "$work/lib"
    cp "$LIBFAKETIME" "$work/lib/2046.so"
    year="FAKETIME='@2046-06-01 00:00:00'"
    # only the clock: what the files say stays
    export NO_FAKE_STAT=1
    # writable: a build sets the time of every folder
    cat >"$work/bin/podman" <<END
#!/bin/sh
for word; do
    shift
    set -- "\$@" "\$word"
    case \$word in
    run | build) set -- "\$@" -v "$work/lib:/mnt" \\
        --env LD_PRELOAD=/mnt/2046.so --env NO_FAKE_STAT=1 --env $year ;;
    esac
done
exec $(command -v podman) "\$@"
END
    cat >"$work/bin/chroot" <<END
#!/bin/sh
cp "$work/lib/2046.so" "\$1/dev"
root=\$1
shift
[ "\$1 \$2" != "/usr/bin/env -i" ] || shift 2
exec $(command -v chroot) "\$root" /usr/bin/env -i LD_PRELOAD=/dev/2046.so \\
    NO_FAKE_STAT=1 $year "\$@"
END
    chmod +x "$work"/bin/*
    clock='2046-06-01 00:00:00'
}

# flip FILE NUMBER: a bit of it, or back
flip() {
    size=$(wc -c <"$1")
    place=$(($2 % size))
    byte=$(od -An -tu1 -j $place -N 1 "$1" | tr -d ' ')
    # shellcheck disable=SC2059
    printf "\\$(printf %o $((byte ^ (1 << ($2 % 8)))))" |
        dd of="$1" bs=1 seek=$place conv=notrunc 2>/dev/null
}

flips() {
    find . -type f -size +0 | sort >"$work/files"
    shuf -n "${FLIPS:-200}" "$work/files" >"$work/chosen"
    while read -r file; do
        number=$(od -An -tu4 -N 4 /dev/urandom | tr -d ' ')
        flip "$file" "$number"
        expect 1 "${file#./}" sh rebuild.sh || echo "    bit $number of $file"
        flip "$file" "$number"
    done <"$work/chosen"
    echo "$(wc -l <"$work/chosen") bits flipped"
    expect 0 "are as they were packed" sh data/source/container/capsule/verify.sh .
}

for what; do
    case $what in
    engine) whole sh rebuild.sh ;;
    plain) whole sh rebuild.sh --without-engine ;;
    2046) in_2046 || exit 1 ;;
    flips) flips ;;
    *) echo "try: expected engine, plain, 2046 or flips, got $what" >&2
       exit 2 ;;
    esac
done
[ $failed = 0 ] && echo "capsule: all as it should be"
[ $failed = 0 ]
