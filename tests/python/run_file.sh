#!/usr/bin/env bash
# run_file.sh FILE | --golden NODE: runs one file of the package's tests, or the golden exchanges through its mount in uvicorn, over the
# library that CARIOSAN_LIBRARY names.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

if [[ ! -e "$here/.venv/fetched" ]]; then
    echo "skipped: needs the packages of tests/python/requirements.txt, which tests/run.sh installs from a Python package index"
    exit 0
fi
cd "$here/../../bindings/python"
if [[ "$1" == --golden ]]; then
    exec "$2" "$here/../integration/golden_mount.mjs" "$here/.venv/bin/python" -B tests/mounted.py
fi
exec "$here/.venv/bin/python" -B -X dev -m pytest -q -rs -p no:cacheprovider "tests/$1"
