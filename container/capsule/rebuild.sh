#!/bin/sh
# Check this capsule, run what was kept in it, and build its image again.
#
#     sh rebuild.sh                   with Docker or Podman, else in a chroot
#     sh rebuild.sh --without-engine  in a chroot even if there is an engine
#
# No network is asked.  READ-ME-FIRST.txt tells what is here.
# Exit status: 0 all is identical, 1 something is not, and it is named.
#
# Two programs check the files, so that none vouches for itself alone.
cd "$(dirname "$0")" || exit 1
sh data/source/container/capsule/verify.sh .
first=$?
sha256sum --quiet -c manifest-sha256.txt
second=$?
[ "$first$second" = 00 ] || [ "$first$second" = 0127 ] &&
    sh data/source/container/capsule/steps.sh "$PWD" "$@" && exit 0
echo "rebuild.sh: NOT all is identical, see above." >&2
exit 1
# the end
