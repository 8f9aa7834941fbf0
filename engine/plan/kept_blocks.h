// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a stage keeps decoded blocks, and where: in the memory that its chunks leave, or on disk.
#pragma once

#include <string>
#include <vector>

#include "engine/plan/plan.h"

namespace cubeloom {

/// Decides for `stage` (chunks and inFlight set): fills stage.kept, adds what is kept in memory to fixedBytes and what reading from the
/// disk takes to chunkBytes, both within `roomBytes`, and sets `reads`, bytes per graph node, to what will then be read. Returns what the
/// user should know; "" mostly.
Result<std::string> keepBlocks(const Graph& graph, Stage& stage, double roomBytes, std::vector<double>& reads);

}  // namespace cubeloom
