#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs, builds and runs every test; ends with CTest's own summary. Further arguments go to ctest: packaging/test.sh -L engine
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
"$root/packaging/setup.sh" test
cd "$root"
cmake --preset test --log-level=WARNING
cmake --build --preset test
exec ctest --preset test --output-on-failure -j "$(nproc)" "$@"
