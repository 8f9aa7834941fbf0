#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs clang-tidy (checks: .clang-tidy) over the engine and the programs, or over the files named.
# It configures a build folder of its own: clang-tidy cannot read gcc's precompiled headers.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
cmake -S . -B build/lint -G Ninja -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCUBELOOM_TESTS=OFF \
  --log-level=WARNING >/dev/null
if [ $# -eq 0 ]; then
  mapfile -t sources < <(find engine app -name '*.cpp' | sort)
else
  sources=("$@")
fi
printf '%s\0' "${sources[@]}" | xargs -0 -n 4 -P "$(nproc)" clang-tidy-14 -p build/lint --quiet
echo "lint: ${#sources[@]} files, no findings"
