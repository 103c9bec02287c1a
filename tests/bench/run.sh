#!/usr/bin/env bash
# Prints all figures, ours beside the bare limits of this machine, in one run. Nothing passes or fails.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
    cat <<'TEXT'
usage: ./tests/bench/run.sh [sends] [postgres] [following] [reads] [fanout] [acks] [idle] [waiting] [reconnect] [storm] [presence] [memory] [hostile] [start] [moderation] [audience] [redis] [nodes] [mounts] [python] [wire] [files]

Builds the benchmarks in Release mode into build-bench/ and prints their figures; without a name, all of them.
The data (about 2 GiB) goes into a temporary folder, CARIOSAN_BENCH_DATA or the system's; it is removed afterwards.
CARIOSAN_BENCH_MESSAGES (1000000) is the size of the database for reads; CARIOSAN_BENCH_SECONDS (60) how long `hostile` lasts.
TEXT
}
[[ "${1:-}" =~ ^(-h|--help)$ ]] && usage && exit 0

parts=("$@")
((${#parts[@]} > 0)) || parts=(sends postgres following reads fanout acks idle waiting reconnect storm presence memory hostile start moderation audience redis nodes mounts python wire files)
source cmake/packages.sh
install_packages "${packages_build[@]}" "${packages_server[@]}" "${packages_tests[@]}"
[[ -d tests/integration/node_modules ]] || (cd tests/integration && npm ci --no-audit --no-fund --loglevel=error)

cmake -S . -B build-bench -DCMAKE_BUILD_TYPE=Release -DCARIOSAN_BUILD_TESTS=ON >/dev/null
cmake --build build-bench --parallel "$(nproc)" \
    --target engine_bench capi_bench moderation audience sqlite_commit postgres_commit bare_fanout load reconnect acked_sends transport_host redis_hop cariosan_c cariosan-server >/dev/null
programs="$PWD/build-bench/tests/bench"

data="$(mktemp -d "${CARIOSAN_BENCH_DATA:-${TMPDIR:-/tmp}}/cariosan-bench-XXXXXX")"
trap 'rm -rf "$data"' EXIT
for part in "${parts[@]}"; do
    case "$part" in
        sends)
            # The bare loop uses batches as large as those of the engine.
            "$programs/engine_bench" "$data" 0 sends | tee "$data/engine"
            mapfile -t batches < <(sed -n 's/.* \([0-9]*\) a batch.*/\1/p' "$data/engine")
            "$programs/sqlite_commit" "$data" sends "${batches[@]}" | tee "$data/bare"
            paste -d ' ' <(sed -n 's/^durable sends, *\([0-9]*\) senders *\([0-9]*\) .*/\1 \2/p' "$data/engine") \
                <(sed -n 's/^batch *\([0-9]*\) *bare *\([0-9]*\).*/\1 \2/p' "$data/bare") |
                awk '{printf "%3d senders: %.2f of the bare loop with %d a batch\n", $1, $2 / $4, $3}'
            ;;
        reads) "$programs/engine_bench" "$data" "${CARIOSAN_BENCH_MESSAGES:-1000000}" reads ;;
        postgres)
            # A server of its own, which syncs. It runs as another user, who has to reach its folder.
            chmod 711 "$data"
            url="$(cmake/services.sh postgres start "$data/postgres")"
            psql --quiet --output=/dev/null "$url&dbname=postgres" -c 'ALTER SYSTEM SET fsync = on' -c 'ALTER SYSTEM SET full_page_writes = on' \
                -c 'SELECT pg_reload_conf()' -c 'CREATE DATABASE bench'
            "$programs/engine_bench" "${url/\?/bench?}" 0 sends
            CARIOSAN_TEST_POSTGRES="$url" "$programs/postgres_commit"
            cmake/services.sh postgres remove "$data/postgres"
            ;;
        following) "$programs/engine_bench" "$data" 0 following ;;
        fanout | acks | idle | waiting | reconnect | storm | presence | start) node tests/bench/server_bench.mjs "$programs" "$part" ;;
        audience) "$programs/audience" ;;
        redis)
            url="$(cmake/services.sh redis start "$data/redis")"
            "$programs/redis_hop" "$url"
            cmake/services.sh redis remove "$data/redis"
            ;;
        mounts)
            export CARIOSAN_LIBRARY="$PWD/build-bench/src/capi/libcariosan.so" CARIOSAN_SERVER="$PWD/build-bench/examples/server/cariosan-server"
            [[ -d bindings/node/node_modules ]] || (cd bindings/node && npm ci --no-audit --no-fund --loglevel=error)
            if command -v go >/dev/null; then
                cmake --install build-bench --prefix "$data/installed" >/dev/null
                export LD_LIBRARY_PATH="$data/installed/lib" CARIOSAN_GO_SERVED="$data/served" CARIOSAN_GO_CALLS="$data/calls"
                (cd bindings/go/embed && PKG_CONFIG_PATH="$data/installed/lib/pkgconfig" go build -o "$data/" ./internal/served ./internal/calls)
            fi
            node tests/bench/mounts_bench.mjs "$programs" "$data"
            ;;
        files) node tests/bench/files_bench.mjs "$programs" ;;
        wire) node tests/bench/wire_bench.mjs "$programs" ;;
        nodes) node tests/bench/nodes_bench.mjs "$programs" ;;
        python)
            python="$PWD/tests/python/.venv/bin/python"
            if [[ -x "$python" ]]; then
                export CARIOSAN_LIBRARY="$PWD/build-bench/src/capi/libcariosan.so" CARIOSAN_SERVER="$PWD/build-bench/examples/server/cariosan-server"
                mkdir "$data/python"
                "$python" tests/bench/python_bench.py "$programs" "$data/python"
            else
                echo "skipped: python needs the packages of tests/python/requirements.txt, which tests/run.sh installs"
            fi
            ;;
        hostile) node tests/bench/hostile.mjs "$programs" ;;
        memory)
            # Each connection needs a socket here and one in the server.
            ulimit -n "$(ulimit -Hn)"
            node tests/bench/memory_bench.mjs "$programs"
            ;;
        moderation) "$programs/moderation" "${CARIOSAN_TEST_DATA:-../shared/data}" ;;
        *) usage >&2 && exit 2 ;;
    esac
    rm -rf "${data:?}"/*
done
