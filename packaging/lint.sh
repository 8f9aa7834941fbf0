#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs clang-tidy (checks: .clang-tidy, fewer in ui and tests) over everything, or over the files and folders named: `lint.sh ui tests/ui`.
# It configures a build folder of its own: clang-tidy cannot read gcc's precompiled headers. Of it only what moc makes of the sources is built.
# Everything is looked at by folders (CUBELOOM_UNITY): what a folder's sources include is read once.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
unity=OFF
if [ $# -eq 0 ]; then
  unity=ON
  set -- engine app ui tests
fi
cmake -S . -B build/lint -G Ninja -DCMAKE_CXX_COMPILER=clang++-14 -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCUBELOOM_DESKTOP=ON -DCUBELOOM_TESTS=ON \
  -DCUBELOOM_UNITY=$unity --log-level=WARNING >/dev/null
mapfile -t sources < <(find "$@" -name '*.cpp' | sort)
units=("${sources[@]}")
if [ $unity = ON ]; then
  mapfile -t units < <(sed -n 's/^ *"file": "\(.*\)",\?$/\1/p' build/lint/compile_commands.json | grep -E "/Unity/|/build/lint/tests/tests_|^$PWD/(engine|app|ui|tests)/" | sort -r)
fi

moc=$(qtpaths6 --query QT_INSTALL_LIBEXECS)/moc
mkdir -p build/lint/moc build/lint/ui build/lint/tests
cp ui/.clang-tidy build/lint/ui/ # for what is several sources as one
cp tests/.clang-tidy build/lint/tests/
for source in $(grep -lE '^#include "\w+\.moc"' "${sources[@]}"); do
  "$moc" -i "$source" -o "build/lint/moc/$(basename "$source" .cpp).moc"
done

printf '%s\0' "${units[@]}" | xargs -0 -n 1 -P "$(nproc)" clang-tidy-14 -p build/lint --quiet --extra-arg=-I"$PWD/build/lint/moc"
echo "lint: ${#sources[@]} files, no findings"
