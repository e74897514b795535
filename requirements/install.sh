#!/bin/sh
# Installs the pinned packages and this package into $PYTHON's environment; says what to do when it can't.
set -eu
log=$(mktemp); trap 'rm -f "$log"' EXIT
begun=$(date +%s)
install() {
  # uv is much quicker, but does not read pip's configuration (an index of a company, say): then pip does it.
  "$PYTHON" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt &&
    "$PYTHON" -m uv pip install --quiet --python "$PYTHON" --require-hashes -r requirements/local.txt ||
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/local.txt
}
if ! { install && "$PYTHON" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable . ; } >"$log" 2>&1; then
  tail -n 15 "$log" >&2
  echo "error: the packages of requirements/local.txt can't be installed (the last lines are above); check the network, pip's index and the disk, then run the same command again." >&2
  exit 2
fi
echo "virtual environment: ready ($(($(date +%s) - begun)) s)"
