#!/bin/sh
# embed.sh <go> <node> <prefix>: checks and tests the embedding of the engine in Go against an installed library, and replays the
# golden exchanges through its mount; 77 where Go or the one package it needs is missing.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../../../bindings/go/embed"
export GOTOOLCHAIN=local GOFLAGS= GOWORK=off
export PKG_CONFIG_PATH="$3/lib/pkgconfig:$3/lib/x86_64-linux-gnu/pkgconfig" LD_LIBRARY_PATH="$3/lib:$3/lib/x86_64-linux-gnu"

skip() {
    echo "skipped: needs $*"
    exit 77
}
go="$1"
[ -x "$go" ] || skip "Go 1.23 or newer, and there is none in PATH when the build is configured"
minor="$("$go" env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')"
[ "${minor:-0}" -ge 23 ] || skip "Go 1.23 or newer, and $go is $("$go" env GOVERSION)"
"$go" mod download || skip "a package from a module proxy, which cannot be reached"

"$go" vet ./...
"$go" test -race -count=1 -timeout 10m ./...
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# The commands and the program of the README, in an empty folder.
mkdir "$work/shop"
awk '/^```go$/ { on = 1; next } /^```$/ { on = 0 } on' README.md | sed 's/localhost:8080/localhost:0/' > "$work/shop/main.go"
project="$(cd ../../.. && pwd)"
awk '/^```sh$/ { block = ""; on = 1; next } /^```$/ { if (on && block ~ /go mod init/) printf "%s", block; on = 0 } on { block = block $0 "\n" }' README.md |
    sed "s|=\$HOME/libcariosan|='$project'|" > "$work/prepare"
grep -q "='$project'" "$work/prepare"
grep -q '^Save this as `main.go`, then `go mod tidy && go run .`:$' README.md
(
    cd "$work/shop"
    PATH="$(dirname "$go"):$PATH"
    . "$work/prepare"
    go mod tidy
    go build -o shop .
    timeout 60 ./shop > said &
    for _ in $(seq 600); do
        grep -q '^Alice connects to' said && break
        sleep 0.1
    done
    kill %1 2> /dev/null || kill $!
    grep '^Alice connects to' said > /dev/null
)

"$go" build -o "$work/served" ./internal/served
"$2" "$here/../../integration/golden_mount.mjs" "$work/served"
