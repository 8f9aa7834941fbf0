#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs clang-tidy (checks: .clang-tidy, fewer in ui and tests) over the engine and the programs, or over the files and folders named: `lint.sh ui tests/ui`.
# It configures a build folder of its own: clang-tidy cannot read gcc's precompiled headers. Of it only what moc makes of the sources is built.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
cmake -S . -B build/lint -G Ninja -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCUBELOOM_DESKTOP=ON -DCUBELOOM_TESTS=ON \
  --log-level=WARNING >/dev/null
if [ $# -eq 0 ]; then set -- engine app; fi
mapfile -t sources < <(find "$@" -name '*.cpp' | sort)

moc=$(qtpaths6 --query QT_INSTALL_LIBEXECS)/moc
mkdir -p build/lint/moc
for source in $(grep -lE '^#include "\w+\.moc"' "${sources[@]}"); do
  "$moc" -i "$source" -o "build/lint/moc/$(basename "$source" .cpp).moc"
done

printf '%s\0' "${sources[@]}" | xargs -0 -n 4 -P "$(nproc)" clang-tidy-14 -p build/lint --quiet --extra-arg=-I"$PWD/build/lint/moc"
echo "lint: ${#sources[@]} files, no findings"
