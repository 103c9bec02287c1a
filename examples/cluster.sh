#!/usr/bin/env bash
# Starts three servers over one PostgreSQL and one Redis behind a balancer, with the demo workspace. Nothing of the system's own
# servers is used, and Ctrl-C ends everything.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/packages.sh

usage() {
    cat <<'TEXT'
usage: ./examples/cluster.sh [--nodes N] [--port PORT] [--data FOLDER]

Installs PostgreSQL, Redis and HAProxy with apt-get where they are missing, builds the server, and starts private ones of the
first two, the nodes, and the balancer. Open the printed address in two browsers: they are on different nodes. Kill a node with
kill -9 while somebody writes: its browser goes on with another one, and the node is started again. Ctrl-C ends all; what was
written is there at the next start.

  --nodes N       how many nodes, 1 to 9 (default: 3)
  --port PORT     the balancer's; the nodes have the next ones, and PostgreSQL and Redis those after them (default: 8080)
  --data FOLDER   where everything is kept (default: data/cluster)
  --help          this text
TEXT
}

fail() {
    echo "cluster.sh: $*" >&2
    exit 1
}

nodes=3
port=8080
data=data/cluster
while (($# > 0)); do
    case "$1" in
        --help | -h) usage && exit 0 ;;
        --nodes | --port | --data)
            (($# > 1)) && [[ -n "$2" ]] || fail "$1 needs a value"
            declare "${1#--}=$2"
            shift
            ;;
        *) fail "unknown option $1; see ./examples/cluster.sh --help" ;;
    esac
    shift
done
[[ "$nodes" =~ ^[1-9]$ ]] || fail "--nodes needs a number from 1 to 9"
[[ "$port" =~ ^[1-9][0-9]{0,4}$ ]] && ((port <= 65500)) || fail "--port needs a number from 1 to 65500"

install_packages "${packages_cluster[@]}"
./examples/run.sh --build-only
server="$PWD/build/examples/server/cariosan-server"
services="$PWD/cmake/services.sh"
mkdir -p "$data" || fail "cannot make the folder $data"
data="$(cd "$data" && pwd)"

declare -A pids # node, or "balancer" → its process
stopping=no
exec 3>&2
# Runs once, whatever ended the script.
stop_all() {
    exec 2>&3
    trap '' INT TERM
    trap - EXIT
    stopping=yes
    echo "cluster.sh: stopping ..." >&2
    for pid in "${pids[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
    wait || true
    "$services" redis stop "$data/redis" || true
    "$services" postgres stop "$data/postgres" || true
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

database="$("$services" postgres start "$data/postgres" $((port + nodes + 1)))" || fail "PostgreSQL did not start"
redis="$("$services" redis start "$data/redis" $((port + nodes + 2)))" || fail "Redis did not start"
psql --no-psqlrc -qtA "$database/postgres" -c "SELECT 1 FROM pg_database WHERE datname = 'cariosan'" | grep -q 1 ||
    psql --no-psqlrc -q "$database/postgres" -c 'CREATE DATABASE cariosan'
if [[ ! -e "$data/jwt-secret" ]]; then
    (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$data/jwt-secret")
fi

# start_node <number>: in the background; the first one makes the tables and the demo workspace.
start_node() {
    (
        cd "$data"
        export CARIOS_DATABASE_URL="$database/cariosan" CARIOS_REDIS_URL="$redis" CARIOS_HTTP_PORT=$((port + $1))
        CARIOS_JWT_SECRET="$(cat jwt-secret)"
        export CARIOS_JWT_SECRET
        exec setsid "$server" --demo >>"node-$1.log" 2>&1
    ) &
    pids[$1]=$!
}

# is_ready <port>
is_ready() {
    CARIOS_HTTP_PORT="$1" "$server" healthcheck >/dev/null 2>&1
}

# wait_for_node <number>
wait_for_node() {
    for _ in $(seq 300); do
        sleep 0.1
        kill -0 "${pids[$1]}" 2>/dev/null || break # and another program may have its port
        is_ready $((port + $1)) && return 0
    done
    tail -n 5 "$data/node-$1.log" >&2
    fail "node $1 did not start; see $data/node-$1.log"
}

start_balancer() {
    {
        cat <<TEXT
defaults
    mode tcp
    timeout connect 2s
    timeout client 1h
    timeout server 1h
    option redispatch
    retries 3
frontend chat
    bind 127.0.0.1:$port
    default_backend nodes
backend nodes
    balance leastconn
    option httpchk GET /readyz
TEXT
        for ((node = 1; node <= nodes; ++node)); do
            echo "    server node$node 127.0.0.1:$((port + node)) check inter 500ms fall 1 rise 1 on-marked-down shutdown-sessions"
        done
    } >"$data/haproxy.cfg"
    ulimit -Sn "$(ulimit -Hn)" # each connection takes two, and the balancer takes what it is allowed
    setsid haproxy -db -f "$data/haproxy.cfg" >>"$data/balancer.log" 2>&1 &
    pids[balancer]=$!
}

for ((node = 1; node <= nodes; ++node)); do
    start_node "$node"
    # The first one makes the demo workspace, which the others find.
    ((node > 1)) || wait_for_node 1
done
for ((node = 2; node <= nodes; ++node)); do wait_for_node "$node"; done
start_balancer
echo "Cariosan is ready on $nodes nodes: http://127.0.0.1:$port/"
for ((node = 1; node <= nodes; ++node)); do
    echo "  node $node: http://127.0.0.1:$((port + node))/  process ${pids[$node]}  log $data/node-$node.log"
done

# A node that ends is started again, as a supervisor would.
while [[ "$stopping" == no ]]; do
    { wait -n "${pids[@]}" || true; } 2>/dev/null # without the shell's own word about it
    for name in "${!pids[@]}"; do
        kill -0 "${pids[$name]}" 2>/dev/null && continue
        [[ "$name" != balancer ]] || fail "the balancer ended; see $data/balancer.log"
        echo "node $name ended and is started again"
        sleep 1
        start_node "$name"
        wait_for_node "$name"
        echo "  node $name: process ${pids[$name]}"
    done
done
