#!/bin/sh
# Gather the licences of what an image is made of; runs in the image.
#
#     container/capsule/licences.sh FOLDER
set -eu
mkdir -p "$1/debian" "$1/python"
for file in /usr/share/doc/*/copyright; do
    package=${file%/copyright}
    cp -L "$file" "$1/debian/${package##*/}.txt"
done
cp -RL /usr/share/common-licenses "$1/debian/common-licenses"
# what the package's author gives: a licence's text, or what METADATA says
for folder in .venv/lib/python2.7/site-packages/*.dist-info; do
    name=${folder##*/}
    for file in "$folder"/LICEN[CS]E* "$folder"/COPYING* "$folder"/AUTHORS* \
        "$folder"/METADATA; do
        [ ! -f "$file" ] ||
            cp "$file" "$1/python/${name%.dist-info}-${file##*/}"
    done
done
