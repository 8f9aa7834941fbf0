#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What takes too long for every change: another compiler, sanitizers, many kills, many random cases, many broken files. All of it, or the parts named:
# packaging/checks.sh [clang] [asan] [tsan] [kills] [random] [mutants] [fuzz]
set -uo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
jobs=$(nproc)
packaging/setup.sh test lint || exit 1

build() { cmake --preset "$1" --log-level=WARNING && cmake --build --preset "$1" "${@:2}"; }

# Everything builds and passes with the other compiler.
check_clang() { build clang && ctest --preset clang -LE slow -j "$jobs"; }
# Bad accesses, leaks and undefined behaviour in the engine.
check_asan() { build asan --target tests-engine && ctest --preset asan -L engine -LE slow -j "$jobs"; }
# Races in engine and window.
check_tsan() { build tsan --target tests-engine tests-ui && ctest --preset tsan -L 'engine|ui' -E tst_stalls -j "$jobs"; }
# Every sink killed at 1000 random moments.
check_kills() { build test --target cubeloom-cli tst_kill_sinks && cmake --build --preset test --target kill-tests; }
# 20 times as many random warps as the tests make.
check_random() {
  build test --target tst_warp_random &&
    CUBELOOM_WARP_CASES=4480 CUBELOOM_WARP_SEED=$RANDOM QTEST_FUNCTION_TIMEOUT=7200000 build/test/bin/tst_warp_random
}
# 10,000 broken files of every format; CUBELOOM_MUTANTS: another number.
check_mutants() {
  build test --target cubeloom-cli tst_mutants &&
    CUBELOOM_MUTANTS=${CUBELOOM_MUTANTS:-10000} CUBELOOM_MUTANT_SEED=$RANDOM QTEST_FUNCTION_TIMEOUT=36000000 build/test/bin/tst_mutants
}
# Each parser of ours on bytes without end; CUBELOOM_FUZZ_SECONDS: for how long each (600). What is found stays in build/fuzz/found.
check_fuzz() {
  build fuzz --target fuzzers && mkdir -p build/fuzz/found || return 1
  local failed=0 program corpus
  for program in build/fuzz/bin/fuzz_*; do
    corpus=build/fuzz/corpus/$(basename "$program")
    mkdir -p "$corpus"
    python3 -B tests/fuzz/seeds.py "$(basename "$program")" "$corpus"
    echo "-- $(basename "$program")"
    UBSAN_OPTIONS=halt_on_error=1 "$program" -max_total_time="${CUBELOOM_FUZZ_SECONDS:-600}" -max_len=16384 -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
      -print_final_stats=1 -artifact_prefix="build/fuzz/found/$(basename "$program")-" "$corpus" || failed=1
  done
  rm -rf /dev/shm/cubeloom-fuzz-*
  return $failed
}

parts=("$@")
if [ ${#parts[@]} -eq 0 ]; then parts=(clang asan tsan kills random mutants fuzz); fi
failed=()
for part in "${parts[@]}"; do
  if ! declare -F "check_$part" >/dev/null; then
    echo "checks: there is no part '$part'; there are clang, asan, tsan, kills, random, mutants, fuzz" >&2
    exit 2
  fi
  echo "== $part"
  started=$SECONDS
  if "check_$part"; then echo "== $part: passed in $((SECONDS - started)) s"; else
    failed+=("$part")
    echo "== $part: FAILED"
  fi
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "checks: failed: ${failed[*]}" >&2
  exit 1
fi
echo "checks: passed: ${parts[*]}"
