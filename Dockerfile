# The pinned stack on Debian 11, the last Debian with Python 2.7.
#
#     docker build -t untapped .
#     docker run --rm -v "$PWD/results:/opt/untapped/results" untapped \
#         python run_crism.py
#
# It runs under any uid, with a read-only root file system and without a
# network.  container/check.sh builds it and tries that.  Nothing here needs
# BuildKit: Podman, Buildah and the builder before BuildKit build it too.

# numpy's wheel, whose OpenBLAS decides the bits, exists for x86-64 only
ARG BASE=debian:bullseye-slim
FROM --platform=linux/amd64 $BASE AS parts
# Another mirror, the folder that holds debian/ and debian-security/;
# or a day of snapshot.debian.org, such as 20260801T000000Z.  Without either
# Debian's mirrors are asked, then its archive, then the snapshots.
ARG APT_MIRROR=
ARG APT_SNAPSHOT=
ARG APT_ARCHIVE=
ARG APT_SNAPSHOTS=
# Another package index
ARG PIP_INDEX_URL=
WORKDIR /opt/untapped
COPY requirements.lock ./
COPY tools/virtualenv.lock tools/
# with what is in container/parts/, see container/parts.sh
COPY container container
RUN sh container/parts.sh /parts

# From here on no network is asked.
FROM --platform=linux/amd64 $BASE AS made
# The time that all files bear, in seconds since 1970
ARG SOURCE_DATE_EPOCH=1467331200
WORKDIR /opt/untapped
COPY --from=parts /parts /parts
COPY container/install.sh container/
RUN sh container/install.sh /parts debian
COPY requirements.lock ./
COPY tools/make_env.sh tools/virtualenv.lock tools/
COPY untapped/pins.py untapped/
RUN sh container/install.sh /parts python
COPY untapped untapped
COPY container/steady.py container/
COPY run_*.py ./
RUN sh container/install.sh /parts compiled
COPY . .
RUN sh container/install.sh /parts untapped

# One layer: what was left out takes no room
FROM scratch
COPY --from=made / /

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

WORKDIR /opt/untapped
USER untapped
VOLUME /opt/untapped/results

# git's names of the commit and of its tree
ARG REVISION=unknown
ARG TREE=unknown
ENV UNTAPPED_REVISION=$REVISION \
    UNTAPPED_TREE=$TREE
LABEL org.opencontainers.image.title="untapped" \
      org.opencontainers.image.description="Semi^2-supervised deep generative models on their pinned stack" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="docker.io/library/debian:bullseye-slim"

CMD ["python", "run_libs.py"]
