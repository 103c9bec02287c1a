#!/usr/bin/env bash
# Runs one file of the package's tests, over the library that CARIOSAN_LIBRARY names.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

if [[ ! -e "$here/.venv/fetched" ]]; then
    echo "skipped: needs the packages of tests/python/requirements.txt, which tests/run.sh installs from a Python package index"
    exit 0
fi
cd "$here/../../bindings/python"
exec "$here/.venv/bin/python" -B -X dev -m pytest -q -rs -p no:cacheprovider "tests/$1"
