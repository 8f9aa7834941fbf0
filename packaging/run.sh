#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs, builds and starts Cubeloom: the window on a made-up coast, or without a display (or with --headless) the sample cube's chain.
# Further arguments go to the program: packaging/run.sh my_chain.cubeloom
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
headless=no
if [ -z "${DISPLAY:-}" ] && [ -z "${WAYLAND_DISPLAY:-}" ]; then headless=yes; fi
arguments=()
for argument in "$@"; do
  if [ "$argument" = --headless ]; then headless=yes; else arguments+=("$argument"); fi
done

"$root/packaging/setup.sh" >&2
(cd "$root" && cmake --preset release -DCUBELOOM_TESTS=OFF --log-level=WARNING >&2 && cmake --build --preset release >&2)
bin=$root/build/release/bin

if [ "$headless" = no ]; then
  if [ ${#arguments[@]} -eq 0 ]; then arguments=(--example coast_greenness); fi
  exec "$bin/cubeloom" "${arguments[@]}"
fi
if [ ${#arguments[@]} -gt 0 ]; then exec "$bin/cubeloom-cli" run "${arguments[@]}"; fi

folder=${CUBELOOM_SAMPLE:-$root/build/sample}
"$bin/cubeloom-sample" "$folder" >&2
cp "$root/resources/chains/sample.cubeloom" "$folder/"
"$bin/cubeloom-cli" run --overwrite --report "$folder/report.json" "$folder/sample.cubeloom" >&2
"$bin/cubeloom-cli" info "$folder/sample_25m.tif"
echo "Result: $folder/sample_25m.tif ($(stat -c %s "$folder/sample_25m.tif") bytes); report: $folder/report.json"
