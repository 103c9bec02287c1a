# Sourced by examples/run.sh and tests/run.sh: the Debian packages per purpose, and functions that install missing ones.
# "a|b" means either one; the first that this system offers is installed.

packages_build=(
    g++ cmake make pkg-config
    libfmt-dev libutf8proc-dev "libboost-json1.81-dev|libboost-json-dev"
    libsqlite3-dev libpq-dev libssl-dev libcurl4-openssl-dev libhiredis-dev libasio-dev zlib1g-dev "libllhttp-dev|node-llhttp"
)
packages_server=(libcli11-dev)
packages_tests=(doctest-dev dpkg-dev file systemd openssl python3-venv redis-server postgresql pgbouncer faketime abigail-tools valgrind prometheus)
# What examples/cluster.sh starts besides the server.
packages_cluster=(postgresql redis-server haproxy)
# The sanitizer suites are built with Clang, and linked in a seventh of the time by its linker.
packages_sanitizers=(clang lld "libclang-rt-14-dev|libclang-rt-dev")
# An independent store that verifies presigned uploads: OpenStack Swift with its S3 interface.
packages_store=(swift-proxy swift-account swift-container swift-object)

# Succeeds if the package, or one of the alternatives, is installed.
package_is_installed() {
    local name
    for name in ${1//|/ }; do
        if [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null)" == installed ]]; then
            return 0
        fi
    done
    return 1
}

# Succeeds if all of them are.
packages_are_installed() {
    local package
    for package in "$@"; do
        package_is_installed "$package" || return 1
    done
}

# Prints the first alternative that can be installed, or the first of all.
package_to_install() {
    local name
    for name in ${1//|/ }; do
        if apt-cache show --no-all-versions "$name" >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
    echo "${1%%|*}"
}

# Debian's Node.js is only added if there is none, or one older than 18: another one may include its own npm, which
# conflicts with Debian's.
packages_node() {
    local major
    major="$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p')"
    if [[ -z "$major" || "$major" -lt 18 ]]; then
        echo nodejs npm
    elif ! command -v npm >/dev/null; then
        echo npm
    fi
}

# Chromium, for the tests of pages, is added if there is none. Only Debian has it as an ordinary package; elsewhere the tests say
# "skipped" where it is missing.
packages_browser() {
    local program
    for program in /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do
        [[ ! -e "$program" ]] || return 0
    done
    [[ "$(sed -n 's/^ID=//p' /etc/os-release 2>/dev/null)" != debian ]] || echo chromium
}

# Go, for the tests of the Go SDK, is added if there is none and this system offers 1.23 or newer. Debian 12 only has Go
# 1.19, which is too old: there the tests say "skipped".
packages_go() {
    local minor package
    minor="$(go env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')"
    [[ "${minor:-0}" -lt 23 ]] || return 0
    for package in golang-1.24-go golang-1.23-go; do
        if apt-cache show --no-all-versions "$package" >/dev/null 2>&1; then
            echo "$package"
            return
        fi
    done
}

# install_packages <packages...>: installs missing packages; does nothing if none is missing.
install_packages() {
    local package as_root=()
    local missing=() chosen=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        echo "This is not a Debian system: nothing is installed. Needed are: $*" >&2
        return 0
    fi
    for package in "$@"; do
        package_is_installed "$package" || missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        return 0
    fi
    echo "Installing: ${missing[*]}" >&2
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            echo "Packages are missing, and there is neither root nor sudo to install them. As root, run:" >&2
            echo "  apt-get update && apt-get install ${missing[*]%%|*}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
    "${apt[@]}" update >&2 || echo "apt-get update failed; going on with the package lists at hand" >&2
    for package in "${missing[@]}"; do
        chosen+=("$(package_to_install "$package")")
    done
    if ! "${apt[@]}" install --yes --no-install-recommends "${chosen[@]}" >&2; then
        echo "The installation failed. To try by hand: apt-get install ${chosen[*]}" >&2
        return 1
    fi
}
