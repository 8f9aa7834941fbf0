// SPDX-License-Identifier: GPL-3.0-or-later
// Fits on the calling thread: for previews, from a sample; for whoever looks at pixels without a run, from all.
#pragma once

#include <memory>

#include "engine/walk/evaluate.h"

namespace cubeloom {

struct FittedHere {
  std::shared_ptr<const Graph> graph;  ///< null: nothing had to be fitted
  bool isApproximate = false;          ///< something was learned from a sample
};
/// Fits all that `node` depends on. `mostBytes` > 0: a pass that would read more takes every n-th index of the dims that can be sampled;
/// OverBudget when that does not suffice. Canceled; errors of reading.
Result<FittedHere> fitHere(const Graph& graph, int node, double mostBytes, EvaluateContext& context);

}  // namespace cubeloom
