// SPDX-License-Identifier: GPL-3.0-or-later
// The readings of a plan: what has to be fitted first, and which reductions can be fed by one reading.
#pragma once

#include "engine/plan/plan.h"
#include "engine/walk/evaluate.h"

namespace cubeloom {

/// A fit that stages of the plan wait for, with what one of its passes costs.
struct PlannedFit {
  FitStage stage;
  std::vector<double> reads;  ///< bytes per graph node, by all passes
  std::vector<double> makes;  ///< bytes of what it makes, likewise
  double fittedBytes = 0;     ///< held from then on
};
/// All that are upstream of `nodes`, each behind those that it depends on.
Result<std::vector<PlannedFit>> plannedFits(const Graph& graph, const std::vector<int>& nodes);

/// Whether the two stages, each a reduction in parts, can be fed by one reading.
bool canShareReading(const Graph& graph, const Stage& a, const Stage& b);

}  // namespace cubeloom
