// SPDX-License-Identifier: GPL-3.0-or-later
// What everything that works on one run shares.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/array/buffer_pool.h"
#include "engine/plan/plan.h"
#include "engine/run/ledger.h"
#include "engine/run/progress.h"
#include "engine/run/run.h"
#include "engine/run/worker_gate.h"
#include "engine/run/worker_pool.h"
#include "engine/walk/evaluate.h"

namespace cubeloom {

/// Thread-safe, but for `graph`, which changes only between passes.
struct RunState {
  RunState(Plan runPlan, const RunOptions& runOptions);

  void addError(Error error) noexcept;  ///< and so stops the run
  void addSkipped(Error error);         ///< of a chunk that was filled with nodata: told, yet no failure
  bool isStopped() const { return failed || cancel.isCanceled(); }
  const std::string& nodeId(int node) const { return plan.graph->nodes[static_cast<std::size_t>(node)].id; }
  /// Unset when every input still is the file it was when the run was planned.
  std::optional<Error> changedInput() const;
  /// Evaluates; what cannot be read is tried again after a while, by sources that have opened their files anew. Adds to the context's work
  /// and bytes what the attempt that succeeded took. OverBudget, at `node`, when the system gives no more memory.
  Result<void> evaluatePatiently(int node, const Region& region, const BlockView& out, EvaluateContext& context);

  const Plan plan;
  std::shared_ptr<const Graph> graph;  ///< the plan's, with operations that have been fitted in place of those that had to be
  const RunOptions options;
  const int maxWorkers;
  WorkerPool workers;
  CancelToken cancel;
  WorkerGate gate;
  Ledger ledger;  ///< its budget comes with each phase
  BufferPool pool;
  Progress progress;
  std::atomic<bool> failed{false};
  std::mutex errorMutex;      ///< guards the two below
  std::vector<Error> errors;  ///< the run's failures
  std::vector<Error> skipped;
};

}  // namespace cubeloom
