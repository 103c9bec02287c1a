#!/bin/sh
# go.sh <go>: checks and tests the Go SDK and its example; 77 where Go is missing or too old for iterators.
set -eu
cd "$(dirname "$0")/../../../bindings/go"
# Neither fetches another Go nor a package: the module needs none.
export GOTOOLCHAIN=local GOPROXY=off GOFLAGS= GOWORK=off

skip() {
    echo "skipped: needs Go 1.23 or newer, and $*"
    exit 77
}
go="$1"
[ -x "$go" ] || skip "there is none in PATH when the build is configured"
version="$("$go" env GOVERSION)" # as go1.26.8, or go1.24rc1
minor="$(echo "$version" | sed -n 's/^go1\.\([0-9]*\).*/\1/p')"
case "$version" in
go1.*) [ "${minor:-0}" -ge 23 ] || skip "$go is $version" ;;
esac

example=../../examples/go
unformatted="$("$("$go" env GOROOT)/bin/gofmt" -l . "$example")"
if [ -n "$unformatted" ]; then
    echo "gofmt would change: $unformatted" >&2
    exit 1
fi
"$go" vet ./...
"$go" -C "$example" vet ./...
"$go" test -race -count=1 -timeout 10m ./...
"$go" test -run '^TestACallAllocatesLittle$' -bench . -benchmem -benchtime 2000x -count=1 .
