#!/usr/bin/env bash
# Builds and runs all tests; the last line sums them up in the words of ctest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source cmake/packages.sh

usage() {
    cat <<'TEXT'
usage: ./tests/run.sh [--quick | --asan | --tsan | --alone] [--jobs N] [-- CTEST OPTIONS...]

Installs what the tests need with apt-get and npm, then builds and runs three suites:

  release   all tests                                             build-tests/
  asan      all tests of our code, AddressSanitizer and UBSan     build-asan/
  tsan      the tests of threads, ThreadSanitizer                 build-tsan/

  --quick     the release suite alone
  --asan      the asan suite alone
  --tsan      the tsan suite alone
  --alone     none of these: all tests, each file compiled alone, as in a plain build (build-alone/)
  --jobs N    compile and test N at a time (default: one per processor)
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

read -r -a node_packages <<<"$(packages_node)"
install_packages "${packages_build[@]}" "${packages_server[@]}" "${packages_tests[@]}" "${packages_store[@]}" \
    "${node_packages[@]}"

# The tests written for Node.js bring their packages with a lock file; they are fetched again when it changes.
for lock in tests/*/package-lock.json; do
    [[ -e "$lock" ]] || continue
    folder="$(dirname "$lock")"
    if [[ ! -e "$folder/node_modules/.package-lock.json" || "$lock" -nt "$folder/node_modules/.package-lock.json" ]]; then
        (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error) || fail "npm ci failed in $folder"
        touch "$folder/node_modules/.package-lock.json"
    fi
done

cmake_options=(-DCARIOSAN_BUILD_TESTS=ON)
if command -v ccache >/dev/null; then
    cmake_options+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache)
fi

# configure_and_build <folder> <target> <cmake options...>
configure_and_build() {
    local folder="$1" target="$2"
    shift 2
    cmake -S . -B "$folder" "${cmake_options[@]}" "$@" || fail "the configuration of $folder failed"
    "${wrapper[@]}" cmake --build "$folder" --target "$target" --parallel "$jobs" || fail "the build of $folder failed"
}

passed=0
failed=0
skipped=()
status=0

# run_suite <name> <folder> <ctest options...>: runs ctest and adds its closing count to the sum.
run_suite() {
    local name="$1" folder="$2" result=0 count
    shift 2
    echo "=== $name"
    "${wrapper[@]}" ctest --test-dir "$folder" --output-on-failure --no-tests=error --parallel "$jobs" "$@" \
        "${ctest_options[@]}" 2>&1 | tee "$folder/ctest.log" || result=$?
    count="$(sed -n 's/^[0-9]*% tests passed, \([0-9]*\) tests failed out of \([0-9]*\)$/\1 \2/p' "$folder/ctest.log" | tail -n 1)"
    [[ -n "$count" ]] || fail "ctest printed no count for $name"
    failed=$((failed + ${count% *}))
    passed=$((passed + ${count#* } - ${count% *}))
    ((result == 0)) || status=1
    mapfile -t -O "${#skipped[@]}" skipped < <(
        sed -n "s/^skipped: /$name: skipped: /p" "$folder/Testing/Temporary/LastTest.log" | sort | uniq)
}

for suite in "${suites[@]}"; do
    wrapper=()
    # Several files are compiled as one: the same code in a third of the time. What lives on the includes of another file
    # is found where the groups differ, and all of it by --alone.
    sanitized=(-DCMAKE_BUILD_TYPE=Debug "-DCMAKE_C_FLAGS_DEBUG=-O1 -g1" "-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g1"
        -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=10)
    case "$suite" in
        release)
            configure_and_build build-tests all -DCMAKE_BUILD_TYPE=Release \
                -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=6
            run_suite release build-tests
            ;;
        alone)
            configure_and_build build-alone all -DCMAKE_BUILD_TYPE=Release
            run_suite alone build-alone
            ;;
        asan)
            export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}"
            export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
            configure_and_build build-asan all "${sanitized[@]}" -DCARIOSAN_SANITIZE=address,undefined
            run_suite asan build-asan
            ;;
        tsan)
            # ThreadSanitizer needs its own ranges of addresses; some kernels put libraries there at random.
            if setarch "$(uname -m)" --addr-no-randomize true 2>/dev/null; then
                wrapper=(setarch "$(uname -m)" --addr-no-randomize)
            fi
            export TSAN_OPTIONS="${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}"
            configure_and_build build-tsan cariosan_tests_tsan "${sanitized[@]}" -DCARIOSAN_SANITIZE=thread
            run_suite tsan build-tsan --label-regex '^tsan$'
            ;;
    esac
done

echo "=== ${suites[*]}"
if ((${#skipped[@]} > 0)); then
    printf '%s\n' "${skipped[@]}"
fi
total=$((passed + failed))
((failed == 0)) || status=1
# Rounded as ctest does: 100 means all.
percent=$(((passed * 100 + total / 2) / total))
((failed == 0 || percent < 100)) || percent=99
echo "$percent% tests passed, $failed tests failed out of $total"
exit "$status"
