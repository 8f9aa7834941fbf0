#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Shows that a bare Debian 13 runs both commands of the README: makes one in a folder (as root, with debootstrap), clones the last commit into
# it and runs packaging/run.sh and packaging/test.sh there. Usage: packaging/debian13.sh FOLDER [what instead of both commands]
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
if [ $# -lt 1 ]; then
  echo "usage: packaging/debian13.sh FOLDER [COMMAND]" >&2
  exit 2
fi
mkdir -p "$1"
system=$(cd -- "$1" && pwd)
command=${2:-packaging/run.sh --headless && packaging/test.sh}

if [ ! -e "$system/etc/debian_version" ]; then debootstrap --variant=minbase trixie "$system"; fi
# The mounts live in a namespace of their own: they end with the commands, whatever happens.
export root system command
exec unshare --mount bash -euc '
  for folder in proc dev sys; do mount --rbind "/$folder" "$system/$folder"; done
  cp /etc/resolv.conf "$system/etc/"
  mkdir -p "$system/cubeloom" "$system/source"
  mount --bind "$root" "$system/source"
  exec chroot "$system" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 COMMAND="$command" bash -euc "
    command -v git >/dev/null || { apt-get -qq update && apt-get -qq install -y --no-install-recommends git ca-certificates >/dev/null; }
    if [ -e /cubeloom/.git ]; then git -C /cubeloom pull -q --ff-only; else git clone -q /source /cubeloom; fi
    cd /cubeloom
    eval \"\$COMMAND\""
'
