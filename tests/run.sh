#!/usr/bin/env bash
# Builds and runs all tests; the last line has the totals in the format of ctest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/packages.sh

usage() {
    cat <<'TEXT'
usage: ./tests/run.sh [--quick | --asan | --tsan | --alone] [--jobs N] [-- CTEST OPTIONS...]

Installs what the tests need with apt-get, npm and pip, then builds and runs three suites:

  release   all tests                                             build-tests/
  asan      all tests of our code, AddressSanitizer and UBSan     build-asan/
  tsan      the tests of threads, ThreadSanitizer                 build-tsan/

  --quick     the release suite alone
  --asan      the asan suite alone
  --tsan      the tsan suite alone
  --alone     none of these: all tests, each file compiled alone, as in a plain build (build-alone/)
  --jobs N    compile N at a time (default: one per processor), and run one test more, since most of them wait now and then
  --help      this text

Further options go to ctest: ./tests/run.sh --quick -- -R core
CARIOSAN_TEST_DATA names the folder with optional test data; tests that miss theirs say "skipped".
TEXT
}

fail() {
    echo "run.sh: $*" >&2
    exit 1
}

suites=(release asan tsan)
jobs="$(nproc)"
while (($# > 0)); do
    case "$1" in
        --help | -h) usage && exit 0 ;;
        --quick) suites=(release) ;;
        --asan) suites=(asan) ;;
        --tsan) suites=(tsan) ;;
        --alone) suites=(alone) ;;
        --jobs)
            [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || fail "--jobs needs a number"
            jobs="$2"
            shift
            ;;
        --)
            shift
            break
            ;;
        *) fail "unknown option $1; see ./tests/run.sh --help" ;;
    esac
    shift
done
ctest_options=("$@")

read -r -a language_packages <<<"$(packages_node | paste -s) $(packages_go) $(packages_browser)"
first=("${packages_build[@]}" "${packages_server[@]}" ninja-build)
packages=("${packages_tests[@]}" "${packages_store[@]}" "${language_packages[@]}")
case "${suites[*]}" in
    asan | tsan) first+=("${packages_sanitizers[@]}") ;;
    *san*) packages+=("${packages_sanitizers[@]}") ;;
esac
install_packages "${first[@]}"

# Tests write many small databases, whose syncs take most of the time on a disk. What is lost with the machine may be lost.
if [[ "$(cmake/services.sh place)" == /dev/shm ]]; then
    TMPDIR="$(mktemp -d /dev/shm/cariosan-tests-XXXXXX)"
    # PostgreSQL has folders in it, and runs as another user.
    chmod 711 "$TMPDIR"
    export TMPDIR
fi

# fetch_node_packages <lock file>: Node.js tests have one; the packages are fetched again when it changes.
fetch_node_packages() {
    local folder
    folder="$(dirname "$1")"
    if [[ ! -e "$folder/node_modules/.package-lock.json" || "$1" -nt "$folder/node_modules/.package-lock.json" ]]; then
        (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error) || fail "npm ci failed in $folder"
        touch "$folder/node_modules/.package-lock.json"
    fi
}
# fetch_python_packages <list of versions>: Python tests get a virtual environment beside it.
fetch_python_packages() {
    local folder
    folder="$(dirname "$1")/.venv"
    if [[ ! -e "$folder/fetched" || "$1" -nt "$folder/fetched" ]]; then
        python3 -m venv --clear "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$1" || return 1
        touch "$folder/fetched"
    fi
}
# prepare: what the tests need beside the programs.
prepare() {
    local lock
    install_packages "${packages[@]}" || return 1
    for lock in tests/*/package-lock.json bindings/node/package-lock.json; do
        [[ ! -e "$lock" ]] || fetch_node_packages "$lock"
    done
    fetch_python_packages tests/openapi/requirements.txt || fail "the packages of tests/openapi could not be installed"
}

# prepare_more: eight hundred packages and some large ones, which only tests of the release suite need.
prepare_more() {
    fetch_node_packages bindings/js/package-lock.json
    # Without the packages of the binding's tests, these say "skipped"; no sanitizer's suite has them.
    if [[ " ${suites[*]} " =~ \ (release|alone)\  ]]; then
        fetch_python_packages tests/python/requirements.txt || echo "run.sh: the packages of tests/python could not be installed" >&2
    fi
}

cmake_options=()
if command -v ccache >/dev/null; then
    cmake_options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache)
    # What is compiled does not depend on where the project lies, so that a copy of it finds what another one compiled.
    export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=1
    cmake_options+=("-DCMAKE_CXX_FLAGS=-ffile-prefix-map=$PWD/=" "-DCMAKE_C_FLAGS=-ffile-prefix-map=$PWD/=")
fi

# Several files are compiled as one, which takes a third of the time. A missing include shows where the groups differ, and
# in any case with --alone. Clang compiles the sanitizers' checks in half of GCC's time, and ensures that both compilers
# accept the code. Lines of code in stack traces would cost a fifth more: the presets asan and tsan have them, UBSan names them anyway.
united=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=48)
sanitized=(-DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG=-O1 -DCMAKE_CXX_FLAGS_DEBUG=-O1
    -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld
    -DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld "${united[@]}")

# set_up <suite>: sets the variables of a suite for the functions below.
set_up() {
    folder="build-$1" target=all options=() environment=() wrapper=() selection=()
    case "$1" in
        release)
            folder=build-tests
            options=(-DCMAKE_BUILD_TYPE=Release "${united[@]}")
            ;;
        alone) options=(-DCMAKE_BUILD_TYPE=Release) ;;
        asan)
            options=("${sanitized[@]}" -DCARIOSAN_SANITIZE=address,undefined)
            environment=("ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}"
                "UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}")
            ;;
        tsan)
            target=cariosan_tests_tsan selection=(--label-regex '^tsan$')
            options=("${sanitized[@]}" -DCARIOSAN_SANITIZE=thread)
            environment=("TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}")
            # ThreadSanitizer needs certain address ranges; some kernels put libraries there at random.
            if setarch "$(uname -m)" --addr-no-randomize true 2>/dev/null; then
                wrapper=(setarch "$(uname -m)" --addr-no-randomize)
            fi
            ;;
    esac
}

# configure <options...>: of the suite of the last set_up.
configure() {
    # A build folder keeps its generator.
    [[ -e "$folder/CMakeCache.txt" ]] || ! command -v ninja >/dev/null || set -- -G Ninja "$@"
    cmake -S . -B "$folder" "${cmake_options[@]}" "${options[@]}" "$@"
}

# start_build <suite>: builds it in the background; `finish_build` waits for it and prints its output.
start_build() {
    set_up "$1"
    mkdir -p "$folder"
    (
        # During the build, ctest asks the test programs for their cases.
        ((${#environment[@]} == 0)) || export "${environment[@]}"
        configure -DCARIOSAN_BUILD_TESTS=ON &&
            "${wrapper[@]}" cmake --build "$folder" --target "$target" --parallel "$jobs"
    ) >"$folder/build.log" 2>&1 &
    build=$!
}

# build_libraries <suite>: what is compiled in the same way with and without the tests, before their packages are there.
build_libraries() {
    set_up "$1"
    echo "=== $1: libraries"
    configure -DCARIOSAN_BUILD_TESTS=OFF && cmake --build "$folder" --target cariosan-server cariosan_c --parallel "$jobs" ||
        fail "the libraries did not build"
}

finish_build() {
    local result=0
    wait "$build" || result=$?
    build=
    set_up "$1"
    echo "=== $1: build"
    cat "$folder/build.log"
    ((result == 0)) || fail "the build of $folder failed"
}

passed=0
failed=0
failures=()
unsteady=()
skipped=()
status=0

# run_tests <suite>: runs ctest and adds its totals to the sum.
run_tests() {
    local result=0 count
    set_up "$1"
    echo "=== $1: tests"
    env "${environment[@]}" "${wrapper[@]}" ctest --test-dir "$folder" --output-on-failure --no-tests=error \
        --parallel "$((jobs + 1))" --repeat until-pass:2 "${selection[@]}" "${ctest_options[@]}" 2>&1 | tee "$folder/ctest.log" || result=$?
    count="$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests failed out of \([0-9]*\)$/\1 \2/p' "$folder/ctest.log" | tail -n 1)"
    [[ -n "$count" ]] || fail "ctest printed no count for $1"
    failed=$((failed + ${count% *}))
    passed=$((passed + ${count#* } - ${count% *}))
    ((result == 0)) || status=1
    mapfile -t -O "${#unsteady[@]}" unsteady < <(
        sed -n 's/^.*Test *#[0-9]*: \(.*[^.]\) \.\.*\*\*\*.*$/failed at first: '"$1"': \1/p' "$folder/ctest.log" | sort -u)
    mapfile -t -O "${#failures[@]}" failures < <(
        sed -n '/^The following tests FAILED:$/,/^Errors while running CTest/s/^[[:space:]]*[0-9]* - /failed: '"$1: /p" "$folder/ctest.log")
    mapfile -t -O "${#skipped[@]}" skipped < <(
        sed -n "s/^skipped: /$1: skipped: /p" "$folder/Testing/Temporary/LastTest.log" | sort | uniq)
}

# The tests of a suite wait more than they compute, so the next suite is built meanwhile.
build=
fetching=()
clean_up() {
    local job
    for job in ${build:-} "${fetching[@]}"; do
        kill "$job" 2>/dev/null || true
    done
    [[ "${TMPDIR:-}" != /dev/shm/cariosan-tests-* ]] || rm -rf "$TMPDIR"
}
trap clean_up EXIT

if packages_are_installed "${packages[@]}"; then
    prepare || exit 1
else
    prepare &
    fetching=($!)
    build_libraries "${suites[0]}"
    wait "${fetching[0]}" || exit 1
fi
prepare_more &
fetching=($!)
for i in "${!suites[@]}"; do
    [[ -n "$build" ]] || start_build "${suites[i]}"
    finish_build "${suites[i]}"
    for job in "${fetching[@]}"; do
        wait "$job" || exit 1
    done
    fetching=()
    ((i + 1 == ${#suites[@]})) || start_build "${suites[i + 1]}"
    run_tests "${suites[i]}"
    echo "=== ${suites[i]}: done after $SECONDS s"
done

echo "=== ${suites[*]}"
if ((${#skipped[@]} > 0)); then
    printf '%s\n' "${skipped[@]}"
fi
# A test that fails has a second attempt. What needed one is a fault to be found, of the test or of what it tests.
if ((${#unsteady[@]} > 0)); then
    printf '%s\n' "${unsteady[@]}"
fi
# Whoever sees only the end of a long output learns here what failed.
if ((${#failures[@]} > 0)); then
    printf '%s\n' "${failures[@]}"
fi
total=$((passed + failed))
((failed == 0)) || status=1
# Rounded like ctest does: 100 means all.
percent=$(((passed * 100 + total / 2) / total))
((failed == 0 || percent < 100)) || percent=99
echo "$percent% tests passed, $failed tests failed out of $total"
exit "$status"
