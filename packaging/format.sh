#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Formats every C++ file of the project in place; `format.sh --check` only says which ones are not formatted.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
mode=(-i)
if [ "${1:-}" = --check ]; then mode=(--dry-run --Werror); fi
find app engine tests ui \( -name '*.cpp' -o -name '*.h' \) -print0 | xargs -0 -r -n 40 clang-format-14 "${mode[@]}"
