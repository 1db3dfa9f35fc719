# The pinned stack on Debian 11, the last Debian with Python 2.7.
#
#     docker build -t untapped .
#     docker run --rm -v "$PWD/results:/opt/untapped/results" untapped \
#         python run_crism.py
#
# It runs under any uid, with a read-only root file system and without a
# network.  container/check.sh builds it and tries that.

# numpy's wheel, whose OpenBLAS decides the bits, exists for x86-64 only
FROM --platform=linux/amd64 debian:bullseye-slim

# Another mirror, the folder that holds debian/ and debian-security/;
# or a day of snapshot.debian.org, such as 20260801T000000Z
ARG APT_MIRROR=
ARG APT_SNAPSHOT=
# The time that installed files bear, in seconds since 1970
ARG SOURCE_DATE_EPOCH=1467331200
# Another package index, and the certificate of a network that re-signs TLS:
# --build-arg PIP_CERT=/run/secrets/cert --secret id=cert,src=FILE
ARG PIP_INDEX_URL=
ARG PIP_CERT=

RUN --mount=type=secret,id=cert \
    set -eu; \
    lines() { \
        echo "deb [check-valid-until=no] $1/debian$2 bullseye main"; \
        echo "deb [check-valid-until=no] $1/debian-security$2" \
            "bullseye-security main"; \
    }; \
    if [ -n "$APT_SNAPSHOT" ]; then \
        lines "${APT_MIRROR:-http://snapshot.debian.org/archive}" \
            "/$APT_SNAPSHOT" >/etc/apt/sources.list; \
    elif [ -n "$APT_MIRROR" ]; then \
        lines "$APT_MIRROR" "" >/etc/apt/sources.list; \
    fi; \
    if [ -n "$PIP_CERT" ]; then \
        echo "Acquire::https::CAInfo \"$PIP_CERT\";" \
            >/etc/apt/apt.conf.d/99cert; \
    fi; \
    apt-get update; \
    DEBIAN_FRONTEND=noninteractive apt-get install -y \
        --no-install-recommends g++ python2.7 python2.7-dev python3-pip; \
    # the packages compile them anew, and not to the same bytes
    find /usr/lib/python3* -name __pycache__ -prune -exec rm -rf {} +; \
    rm -rf /var/lib/apt/lists/* /var/log/* /etc/apt/apt.conf.d/99cert \
        /var/cache/apt/* /var/cache/ldconfig/* /var/cache/debconf/*-old \
        /var/lib/dpkg/*-old

WORKDIR /opt/untapped

# pip reads PIP_INDEX_URL and PIP_CERT from the environment; empty is not set
COPY requirements.lock ./
COPY tools/make_env.sh tools/virtualenv.lock tools/
COPY untapped/pins.py untapped/
RUN --mount=type=secret,id=cert \
    set -eu; \
    [ -n "$PIP_INDEX_URL" ] || unset PIP_INDEX_URL; \
    [ -n "$PIP_CERT" ] || unset PIP_CERT; \
    PIP_NO_CACHE_DIR=1 sh tools/make_env.sh /usr/bin/python2.7; \
    rm -rf .cache .theano; \
    # a .pyc holds the time of its source: the same in every image
    find .venv -name '*.pyc' -delete; \
    find .venv -exec touch -h -d @$SOURCE_DATE_EPOCH {} +; \
    PYTHONHASHSEED=0 .venv/bin/python -m compileall -q .venv/lib \
        >/dev/null || true

# The pins, as in untapped/pins.py; tests/test_stack.py compares them
ENV THEANO_FLAGS="device=cpu,floatX=float32,optimizer=fast_compile,openmp=False,gcc.cxxflags=-O2 -march=x86-64 -ffp-contract=off,blas.ldflags=" \
    OPENBLAS_NUM_THREADS=1 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_CORETYPE=Nehalem \
    THEANORC=/dev/null \
    MPLBACKEND=Agg

# A home for uids that have none
ENV HOME=/tmp \
    LANG=C.UTF-8 \
    MPLCONFIGDIR=/opt/untapped/.cache/matplotlib \
    PATH=/opt/untapped/.venv/bin:/usr/local/bin:/usr/bin:/bin

COPY . .

# Compile once, here, what the scripts need.  Nobody but root can write to the
# compile folder: each uid compiles in a copy of its own.  A whole step is compiled for the shapes of its data:
# those of --quick, and those of a run without options.
RUN set -eu; \
    for script in run_*.py; do \
        for size in --quick ""; do \
            python "$script" $size --epochs 1 --out /tmp/warm; \
            rm -rf /tmp/warm; \
        done; \
    done; \
    mkdir -p results .cache/matplotlib; \
    rm -rf .pytest_cache; \
    find untapped .theano -name '*.pyc' -delete; \
    find . -path ./.venv -prune -o -path ./.theano -prune -o \
        -exec touch -h -d @$SOURCE_DATE_EPOCH {} +; \
    python -m compileall -q untapped >/dev/null; \
    chmod -R a+rX,go-w .theano; \
    chmod -R a+rwX .cache results

RUN /usr/sbin/useradd --system --no-create-home --home-dir /tmp --uid 999 untapped
USER untapped
VOLUME /opt/untapped/results

ARG REVISION=unknown
ENV UNTAPPED_REVISION=$REVISION
LABEL org.opencontainers.image.title="untapped" \
      org.opencontainers.image.description="Semi^2-supervised deep generative models on their pinned stack" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/debian:bullseye-slim"

CMD ["python", "run_libs.py"]
