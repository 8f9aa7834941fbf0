// SPDX-License-Identifier: GPL-3.0-or-later
// Choosing the chunks of one output: from the sink's unit and what reading costs, never from workers.
#pragma once

#include "engine/plan/plan.h"
#include "engine/walk/evaluate.h"

namespace cubeloom {

inline constexpr double kMiB = 1048576;

/// Chunks of `stage` (node, sinkPlan set): grid, parts, chunkBytes. `mostChunkBytes` > 0: halve on until one chunk in flight costs no more,
/// if it can be done.
Result<void> chooseChunks(const Graph& graph, Stage& stage, double mostChunkBytes);

/// The same with chunks that are given: those of an earlier run that is continued.
Result<void> setChunks(const Graph& graph, Stage& stage, const std::vector<std::int64_t>& chunk);

/// What all chunks of a stage cost together.
struct StageSurvey {
  std::vector<double> reads;  ///< bytes per graph node
  std::vector<double> makes;  ///< bytes of what it makes, likewise
  double chunkBytes = 0;      ///< C of the most expensive chunk
};
/// Looks at every chunk of the stage's units: exact for up to some thousand, else from an even sample.
Result<StageSurvey> surveyChunks(const Graph& graph, const Stage& stage);
/// The same where the units are made already.
StageSurvey surveyMade(const Graph& graph, const Stage& stage);

}  // namespace cubeloom
