#!/bin/sh
# Make the image's file system out of its parts, in the base's.
#
#     container/install.sh PARTS debian    the compiler and Python 2.7
#     container/install.sh PARTS python    .venv
#     container/install.sh PARTS compiled  what the scripts compile
#     container/install.sh PARTS untapped  the whole source, the user, the times
#
# In this order, in /opt/untapped (see the Dockerfile; of a capsule without an
# engine rebuild.sh runs them in a chroot).  No network is asked, and the same
# parts give the same files: content, mode, owner and time.  What no run needs
# is left out.
set -eu
parts=$1
: "${SOURCE_DATE_EPOCH:=1467331200}"
# Perl's tables come in the same order, and so do debconf's files
export DEBIAN_FRONTEND=noninteractive PERL_HASH_SEED=0
export HOME=/tmp LANG=C.UTF-8 LC_ALL=C.UTF-8 TZ=UTC
umask 022

debian() {
    dpkg --install "$parts"/debs/*.deb
    # static libraries, but for what every program is linked with
    find /usr/lib -name '*.a' ! -name '*_nonshared.a' ! -name 'libgcc*.a' \
        -delete
    # link-time optimisation, sanitizers, Perl's library, Python's shell
    rm -f /usr/lib/gcc/x86_64-linux-gnu/*/lto1 \
        /usr/lib/x86_64-linux-gnu/lib[atl]san.so* \
        /usr/lib/x86_64-linux-gnu/libubsan.so*
    rm -rf /usr/lib/x86_64-linux-gnu/perl /usr/share/perl \
        /usr/lib/python2.7/idlelib /usr/lib/python2.7/lib-tk
    # manuals and translations; licences stay
    rm -rf /usr/share/man /usr/share/info /usr/share/locale \
        /usr/share/lintian /usr/share/groff /usr/share/bug /usr/share/gdb
    find /usr/share/doc -type f ! -name copyright -delete
    # what says when and where
    rm -rf /var/lib/apt/lists/* /var/log/* /var/cache/apt/* \
        /var/cache/ldconfig/* /var/cache/debconf/*-old /var/lib/dpkg/*-old \
        /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-
    find / -xdev -name __pycache__ -prune -exec rm -rf {} +
    # sitecustomize.py is a link into it
    find /etc/python2.7 -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    bytecode /usr/lib/python2.7 python2.7
}

python() {
    PIP_NO_INDEX=1 PIP_FIND_LINKS=$parts/wheels PIP_NO_CACHE_DIR=1 \
        sh tools/make_env.sh /usr/bin/python2.7
    rm -rf .cache .theano
    site=.venv/lib/python2.7/site-packages
    # Theano imports the package of its tests
    find $site -name tests -type d ! -path $site/theano/tests -prune \
        -exec rm -rf {} +
    # Theano compiles C++, packages were C
    rm -f /usr/lib/gcc/x86_64-linux-gnu/*/cc1
    rm -rf $site/theano/tests/test_*.py $site/tornado/test \
        $site/matplotlib/mpl-data/sample_data
    bytecode .venv .venv/bin/python
}

# Compile once, here, what the scripts need.  Nobody but root can write to the
# compile folder: each uid compiles in a copy of its own.  A whole step is
# compiled for the shapes of its data: those of --quick, and those of a run
# without options, but for MNIST, whose runs take hours.
compiled() {
    for run in crism libs 'crism --quick' 'libs --quick' 'mnist --quick'; do
        # shellcheck disable=SC2086
        set -- $run
        MPLCONFIGDIR=$PWD/.cache/matplotlib .venv/bin/python "run_$1.py" \
            ${2:-} --epochs 1 --out /tmp/warm
        rm -rf /tmp/warm
    done
    .venv/bin/python container/steady.py "$PWD"/.theano/*/
}

untapped() {
    rm -rf container/parts
    chmod -R u=rwX,go=rX .
    mkdir -p results .cache/matplotlib
    chmod -R a+rwX .cache results
    bytecode untapped .venv/bin/python
    echo 'untapped:x:999:999::/tmp:/usr/sbin/nologin' >>/etc/passwd
    echo 'untapped:x:999:' >>/etc/group
    echo 'untapped:!:::::::' >>/etc/shadow
    echo 'untapped:!::' >>/etc/gshadow
    rm -rf "$parts" /tmp/* /var/tmp/*
    # but for what the engine puts there
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run \
        -o -path /etc/hosts -o -path /etc/resolv.conf \) -prune -o \
        -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

# bytecode FOLDER PYTHON: a .pyc holds the time of its source
bytecode() {
    find "$1" -name '*.py[co]' -delete
    find "$1" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    "$2" -m compileall -q "$1" >/dev/null || true   # some are for Python 3
}

"$2"
