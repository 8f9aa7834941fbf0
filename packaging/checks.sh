#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What takes too long for every change: another compiler, sanitizers, many kills, many random cases, many broken files. All of it, or the parts named:
# packaging/checks.sh [clang] [asan] [tsan] [kills] [random] [mutants]
set -uo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
jobs=$(nproc)

build() { cmake --preset "$1" --log-level=WARNING && cmake --build --preset "$1" "${@:2}"; }

# Everything builds and passes with the other compiler.
check_clang() { build clang && ctest --preset clang -LE slow -j "$jobs"; }
# Bad accesses, leaks and undefined behaviour in the engine.
check_asan() { build asan --target tests-engine && ctest --preset asan -L engine -LE slow -j "$jobs"; }
# Races in engine and window.
check_tsan() { build tsan --target tests-engine tests-ui && ctest --preset tsan -L 'engine|ui' -E tst_stalls -j "$jobs"; }
# Every sink killed at 1000 random moments.
check_kills() { build dev --target cubeloom-cli tst_kill_sinks && cmake --build --preset dev --target kill-tests; }
# 20 times as many random warps as the tests make.
check_random() {
  build dev --target tst_warp_random &&
    CUBELOOM_WARP_CASES=4480 CUBELOOM_WARP_SEED=$RANDOM QTEST_FUNCTION_TIMEOUT=7200000 build/dev/bin/tst_warp_random
}
# 10,000 broken files of every format; CUBELOOM_MUTANTS: another number.
check_mutants() {
  build dev --target cubeloom-cli tst_mutants &&
    CUBELOOM_MUTANTS=${CUBELOOM_MUTANTS:-10000} CUBELOOM_MUTANT_SEED=$RANDOM QTEST_FUNCTION_TIMEOUT=36000000 build/dev/bin/tst_mutants
}

parts=("$@")
if [ ${#parts[@]} -eq 0 ]; then parts=(clang asan tsan kills random mutants); fi
failed=()
for part in "${parts[@]}"; do
  if ! declare -F "check_$part" >/dev/null; then
    echo "checks: there is no part '$part'; there are clang, asan, tsan, kills, random, mutants" >&2
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
