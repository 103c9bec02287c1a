#!/bin/sh
# go.sh <go>: vets and tests the Go SDK; 77 where Go is missing or too old for iterators.
set -eu
cd "$(dirname "$0")/../../bindings/go"
export GOTOOLCHAIN=local GOPROXY=off
if [ ! -x "$1" ] || ! "$1" list ./... >/dev/null 2>&1; then
    echo "skipped: needs Go 1.23"
    exit 77
fi
"$1" vet ./...
"$1" test -race -count=1 -timeout 10m ./...
"$1" test -run '^TestACallAllocatesLittle$' -bench . -benchmem -benchtime 2000x -count=1 .
