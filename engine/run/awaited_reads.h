// SPDX-License-Identifier: GPL-3.0-or-later
// What a run that does not go on waits for: which file, on which worker, for how long.
#pragma once

#include <string>
#include <vector>

#include "engine/plan/plan.h"
#include "engine/run/events.h"

namespace cubeloom {

/// A read in progress.
struct AwaitedRead {
  std::string file;       ///< of an input of several files the first
  std::size_t files = 1;  ///< of the input
  int worker = 0;
  double seconds = 0;
};

/// Those of `snapshot`, the longest first.
std::vector<AwaitedRead> awaitedReads(const Plan& plan, const Snapshot& snapshot);

}  // namespace cubeloom
