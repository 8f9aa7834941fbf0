// SPDX-License-Identifier: GPL-3.0-or-later
// How systemFacts() looks at the machine, with the root of /proc and /sys left open so that tests can show it another machine.
#pragma once

#include <string>

#include "engine/base/system.h"

namespace cubeloom {

/// The facts told by `root`/proc and `root`/sys ("" for this machine) to a process that may run on `affinityCores` cores.
/// Whatever is missing or unreadable there counts as unlimited; without /proc/meminfo the memory figures are 0.
SystemFacts probeSystem(const std::string& root, int affinityCores);

}  // namespace cubeloom
