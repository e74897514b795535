#!/bin/sh
# Writes the pinned requirement files anew from the .in files; no registry's host gets into them.
set -eu
cd "$(dirname "$0")/.."
compile() { .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header "$@"; }
compile requirements/local.in -o requirements/local.txt
compile requirements/platform.in -c requirements/local.txt -o requirements/platform.txt
compile requirements/functions.in -c requirements/local.txt -o requirements/functions.txt
compile requirements/gateway.in -c requirements/local.txt -o requirements/gateway.txt
compile requirements/bench.in -o requirements/bench.txt
compile requirements/bench-litellm.in -o requirements/bench-litellm.txt
compile requirements/bench-policy.in -o requirements/bench-policy.txt
grep -A 40 '^uv==' requirements/local.txt | awk 'NR>1 && /^[a-z]/ {exit} {print}' > requirements/uv.txt
