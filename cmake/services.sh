#!/usr/bin/env bash
# Private PostgreSQL and Redis servers, each in a folder of its own, for tests and for examples/cluster.sh. Whoever starts one
# stops it; nothing of the system's own servers is touched. As root, PostgreSQL runs as the user postgres.
set -euo pipefail

usage() {
    cat <<'TEXT2'
usage: services.sh place                             where their folders are best made: in memory, if 4 GB are free there
       services.sh postgres check                    whether the programs are installed
       services.sh postgres start FOLDER [PORT]      prints the URL of the server, without the name of a database
       services.sh postgres stop FOLDER [fast|immediate]
       services.sh postgres remove FOLDER            stops it at once, and removes the folder
       services.sh redis check
       services.sh redis start FOLDER [PORT]         prints its URL
       services.sh redis stop FOLDER
       services.sh redis remove FOLDER

FOLDER is made if it is missing, and what a stopped server left there is used again; one that runs is left as it is. The
sockets are in FOLDER, which nobody else can enter; with PORT the server listens on 127.0.0.1 as well, and the URL names that,
with the password that is made for the folder. Exit code 3: the programs are not installed.
TEXT2
}

missing() {
    echo "services.sh: $*" >&2
    exit 3
}

# Prints the folder with PostgreSQL's programs, which Debian does not put into PATH.
postgres_programs() {
    local found
    found="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"
    [[ -n "$found" ]] || found="$(dirname "$(command -v pg_ctl || true)" 2>/dev/null)"
    [[ -x "$found/initdb" && -x "$found/pg_ctl" ]] || missing "PostgreSQL's server is not installed"
    echo "$found"
}

# as_postgres COMMAND...: PostgreSQL refuses to run as root.
as_postgres() {
    if [[ "$(id -u)" == 0 ]]; then
        setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
    else
        "$@"
    fi
}

# password_of FOLDER: prints the folder's password, which is made at first. Nobody else can read the folder.
password_of() {
    chmod 700 "$1"
    if [[ ! -e "$1/password" ]]; then
        (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$1/password")
    fi
    cat "$1/password"
}

start_postgres() {
    local folder="$1" port="${2:-}" programs
    programs="$(postgres_programs)"
    mkdir -p "$folder"
    folder="$(cd "$folder" && pwd)"
    password_of "$folder" >/dev/null
    [[ "$(id -u)" != 0 ]] || chown postgres:postgres "$folder" "$folder/password"
    if [[ ! -e "$folder/data/PG_VERSION" ]]; then
        as_postgres "$programs/initdb" -D "$folder/data" -U cariosan -E UTF8 --locale=C \
            --auth-local=trust --auth-host=scram-sha-256 --pwfile="$folder/password" >"$folder/initdb.log" 2>&1 ||
            { cat "$folder/initdb.log" >&2 && return 1; }
        # What is lost with the machine may be lost; a killed server loses nothing that it confirmed.
        cat >>"$folder/data/postgresql.conf" <<CONF
unix_socket_directories = '$folder'
max_connections = 300
shared_buffers = 128MB
fsync = off
full_page_writes = off
CONF
    fi
    if as_postgres "$programs/pg_ctl" -D "$folder/data" status >/dev/null; then
        port="$(sed -n 4p "$folder/data/postmaster.pid")"
        [[ "$port" != 5432 ]] || port=
        postgres_url "$folder" "$port"
        return
    fi
    local options="-c listen_addresses= -c port=5432"
    [[ -z "$port" ]] || options="-c listen_addresses=127.0.0.1 -c port=$port"
    as_postgres "$programs/pg_ctl" -D "$folder/data" -l "$folder/server.log" -o "$options" -w -t 60 start >/dev/null ||
        { tail -n 20 "$folder/server.log" >&2 && return 1; }
    postgres_url "$folder" "$port"
}

# postgres_url FOLDER [PORT]
postgres_url() {
    if [[ -n "${2:-}" ]]; then
        echo "postgres://cariosan:$(password_of "$1")@127.0.0.1:$2"
    else
        echo "postgres:///?host=$1&user=cariosan"
    fi
}

stop_postgres() {
    as_postgres "$(postgres_programs)/pg_ctl" -D "$1/data" -m "${2:-fast}" -w -t 60 stop >/dev/null
}

# redis_command FOLDER WORD...
redis_command() {
    REDISCLI_AUTH="$(cat "$1/password" 2>/dev/null)" redis-cli -s "$1/redis.sock" "${@:2}" 2>/dev/null || true
}

# redis_url FOLDER [PORT]
redis_url() {
    if [[ -n "${2:-}" ]]; then echo "redis://:$(password_of "$1")@127.0.0.1:$2"; else echo "unix:$1/redis.sock"; fi
}

remove_postgres() {
    [[ ! -e "$1/data/postmaster.pid" ]] || stop_postgres "$1" immediate || true
    rm -rf "$1"
}

start_redis() {
    local folder="$1" port="${2:-}" password=
    command -v redis-server >/dev/null || missing "Redis is not installed"
    mkdir -p "$folder"
    folder="$(cd "$folder" && pwd)"
    chmod 700 "$folder"
    [[ -z "$port" ]] || password="$(password_of "$folder")"
    if [[ "$(redis_command "$folder" ping)" == PONG ]]; then
        redis_url "$folder" "$port"
        return
    fi
    cat >"$folder/redis.conf" <<CONF
daemonize yes
dir $folder
pidfile $folder/redis.pid
logfile $folder/redis.log
save ""
bind 127.0.0.1
port ${port:-0}
unixsocket $folder/redis.sock
unixsocketperm 700
${password:+requirepass $password}
CONF
    chmod 600 "$folder/redis.conf"
    redis-server "$folder/redis.conf" >/dev/null
    for _ in $(seq 200); do
        if [[ "$(redis_command "$folder" ping)" == PONG ]]; then
            redis_url "$folder" "$port"
            return 0
        fi
        sleep 0.05
    done
    cat "$folder/redis.log" >&2
    return 1
}

stop_redis() {
    redis_command "$1" shutdown nosave >/dev/null
}

remove_redis() {
    stop_redis "$1"
    rm -rf "$1"
}

print_place() {
    local free
    free="$(df --output=avail --block-size=M /dev/shm 2>/dev/null | tail -n 1 | tr -dc '0-9')"
    if [[ -w /dev/shm && "${free:-0}" -ge 4096 ]]; then echo /dev/shm; else echo "${TMPDIR:-/tmp}"; fi
}

case "${1:-} ${2:-} ${3:+folder}" in
    "place  ") print_place ;;
    "postgres check ") postgres_programs >/dev/null ;;
    "redis check ") command -v redis-server >/dev/null || missing "Redis is not installed" ;;
    "postgres "*" folder" | "redis "*" folder")
        [[ "$2" =~ ^(start|stop|remove)$ ]] || { usage >&2 && exit 2; }
        "$2_$1" "${@:3}"
        ;;
    *) usage && { [[ "${1:-}" == --help || "${1:-}" == -h ]] || exit 2; } ;;
esac
