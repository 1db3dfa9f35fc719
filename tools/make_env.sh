#!/bin/sh
# Make .venv from a Python 2.7 and the lock file: tools/make_env.sh [PYTHON]
# Writes into the repository's folder only (and TMPDIR while it works).
set -eu
cd "$(dirname "$0")/.."
root=$(pwd)
log=$root/.cache/make_env.log
mkdir -p .cache

: "${HOME:=/nowhere}"

say() { echo "make env: $*" >&2; }

# The candidates are run, not only looked for: pyenv's shims exist for every
# version and fail when theirs is not switched on.
usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (2, 7))' \
        >/dev/null 2>&1
}

find_python() {
    if [ -n "${1:-}" ]; then
        usable "$1" && { echo "$1"; return; }
        say "PYTHON=$1 is not a Python 2.7 that runs."
        exit 1
    fi
    conda=$( { conda info --base || mamba info --base; } 2>/dev/null |
             tail -n 1) || true
    for python in python2.7 python2 python \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/2.7*/bin/python2.7 \
        "${CONDA_PREFIX:-/nowhere}/bin/python2.7" \
        "${conda:-/nowhere}"/envs/*/bin/python2.7 \
        "$HOME"/*conda*/envs/*/bin/python2.7 \
        "$HOME"/.conda/envs/*/bin/python2.7; do
        usable "$python" && { echo "$python"; return; }
    done
    say "no Python 2.7 was found: install one ('apt-get install python2.7" \
        "python2.7-dev' on Debian 11, 'pyenv install 2.7.18', or 'conda" \
        "create -n py27 -c conda-forge python=2.7.18') or name it with" \
        "PYTHON=, or use the container ('make image')."
    exit 1
}

python=$(find_python "${1:-}")
python=$("$python" -c 'import sys; print(sys.executable)')

if ! command -v g++ >/dev/null 2>&1; then
    say "g++ was not found, and Theano compiles with it: install it" \
        "('apt-get install g++') or use the container ('make image')."
    exit 1
fi
if ! "$python" -c '
import os, sys
from distutils.sysconfig import get_python_inc
sys.exit(not os.path.exists(os.path.join(get_python_inc(), "Python.h")))'; then
    say "the headers of $python were not found: install them ('apt-get" \
        "install python2.7-dev') or use the container ('make image')."
    exit 1
fi

# nothing of the user's Python settings, and no file outside this folder
unset PYTHONHOME PYTHONPATH PIP_REQUIRE_VIRTUALENV PIP_TARGET PIP_PREFIX
unset PIP_USER
export PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1
export PIP_CACHE_DIR="$root/.cache/pip" PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_NO_PYTHON_VERSION_WARNING=1

failed() {
    tail -n 15 "$log" >&2
    say "$1 (the whole output: $log)."
    exit 1
}

# virtualenv 16.7.12 is one file that needs nothing, holds the last pip and
# setuptools for 2.7 and, unlike later ones, keeps no data in the home folder;
# any pip can fetch it, and that of a folder of wheels runs out of its wheel
fetch_virtualenv() {
    rm -rf .cache/virtualenv
    wheel=$(ls "${PIP_FIND_LINKS:-/nowhere}"/pip-*.whl 2>/dev/null) || wheel=
    for helper in "$python" python3 python; do
        PYTHONPATH=$wheel "$helper" -m pip --version >/dev/null 2>&1 ||
            continue
        PYTHONPATH=$wheel "$helper" -m pip install --no-deps --require-hashes \
            --target "$root/.cache/virtualenv" -r tools/virtualenv.lock \
            >>"$log" 2>&1 && return 0
    done
    return 1
}

: >"$log"
echo "Making .venv with $python (log: .cache/make_env.log)"
rm -rf .venv
# virtualenv and pip for Python 2 fail where a path has letters beyond ASCII:
# there the environment is made elsewhere, and moved
new=$root/.venv
beyond=$(printf %s "$root" | LC_ALL=C tr -d ' -~')
[ -z "$beyond" ] || new=$(mktemp -d)/venv
fetch_virtualenv ||
    failed "virtualenv could not be installed with any pip found"
PYTHONPATH=$root/.cache/virtualenv "$python" .cache/virtualenv/virtualenv.py \
    --no-download "$new" >>"$log" 2>&1 ||
    failed "virtualenv could not make .venv"
# no notes for debuggers, which hold the random folder that pip compiles in
CFLAGS=-g0 "$new/bin/python" -m pip install --require-hashes -r requirements.lock \
    >>"$log" 2>&1 ||
    failed "the locked packages could not be installed"

if [ -n "$beyond" ]; then
    mv "$new" .venv
    rmdir "${new%/venv}"
    .venv/bin/python - "$new" "$root/.venv" <<'END'
import io, os, sys
old, new = sys.argv[1:]
for folder, _, names in os.walk(os.path.join(new, 'bin')):
    for path in [os.path.join(folder, name) for name in names]:
        with io.open(path, 'rb') as stream:
            text = stream.read()
        if old in text and b'\0' not in text:
            with io.open(path, 'wb') as stream:
                stream.write(text.replace(old, new))
local = os.path.join(new, 'local')      # Debian's Python has such links
for name in os.listdir(local) if os.path.isdir(local) else ():
    os.remove(os.path.join(local, name))
    os.symlink(os.path.join(os.pardir, name), os.path.join(local, name))
END
fi

# the environment itself carries the pins, whatever script it runs
.venv/bin/python untapped/pins.py --startup \
    >.venv/lib/python2.7/site-packages/untapped_pins.pth
.venv/bin/python -c 'import theano' >>"$log" 2>&1 ||
    failed "Theano could not be imported"
# each start takes a second more without bytecode, and not all may write it
.venv/bin/python -m compileall -q untapped >>"$log" 2>&1 || true
echo "$python" >.venv/made
echo "Made .venv"
