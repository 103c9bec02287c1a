#!/usr/bin/env bash
# Builds the bundled server and starts it with a demo workspace: one command for a first look.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/packages.sh

usage() {
    cat <<'TEXT'
usage: ./examples/run.sh [--data FOLDER] [-- SERVER OPTIONS...]

Installs what the build needs with apt-get, builds the server into build/, and starts it. The first start makes a
demo workspace with two users, Alice and Budi; the address of the page where they chat is printed. Ctrl-C stops
the server; the conversation is still there at the next start.

  --data FOLDER   where the database is kept (default: data)
  --build-only    build, but do not start
  --help          this text

The server is configured by the environment, for instance CARIOS_HTTP_PORT=9000 ./examples/run.sh.
CARIOS_DATABASE_URL names another database than FOLDER/cariosan.db.
TEXT
}

fail() {
    echo "run.sh: $*" >&2
    exit 1
}

data=data
start=yes
while (($# > 0)); do
    case "$1" in
        --help | -h) usage && exit 0 ;;
        --data)
            (($# > 1)) && [[ -n "$2" ]] || fail "--data needs a folder"
            data="$2"
            shift
            ;;
        --data=?*) data="${1#--data=}" ;;
        --build-only) start=no ;;
        --)
            shift
            break
            ;;
        *) fail "unknown option $1; see ./examples/run.sh --help" ;;
    esac
    shift
done

install_packages "${packages_build[@]}" "${packages_server[@]}"

# Builds only the server and what it links, compiling several files as one, which takes a third of the time. An existing build
# folder keeps its other options; one that was made for a binding has no server yet.
echo "Building the server: about two minutes on two cores, once ..." >&2
options=(-DCMAKE_BUILD_TYPE=Release -DCARIOSAN_BUILD_EXAMPLES=ON -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=48)
if ! log="$(cmake -S . -B build "${options[@]}" 2>&1)"; then
    echo "$log" >&2
    fail "the configuration failed"
fi
cmake --build build --target cariosan-server --parallel "$(nproc)" >&2 || fail "the build failed"

if [[ "$start" == no ]]; then
    exit 0
fi
mkdir -p "$data" || fail "cannot make the folder $data"
export CARIOS_DATABASE_URL="${CARIOS_DATABASE_URL:-sqlite:$data/cariosan.db}"
exec build/examples/server/cariosan-server --demo "$@"
