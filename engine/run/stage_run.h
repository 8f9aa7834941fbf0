// SPDX-License-Identifier: GPL-3.0-or-later
// Computes the chunks of one output: takes leases, evaluates, retries what could not be read, hands finished chunks to the sink.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/array/buffer_pool.h"
#include "engine/plan/evaluate.h"
#include "engine/plan/plan.h"
#include "engine/run/ledger.h"
#include "engine/run/progress.h"
#include "engine/run/run.h"
#include "engine/run/worker_gate.h"

namespace cubeloom {

/// What the stages of one run share. Thread-safe.
struct RunState {
  RunState(Plan runPlan, const RunOptions& runOptions);

  void addError(Error error);    ///< and so stops the run
  void addSkipped(Error error);  ///< of a chunk that was filled with nodata: told, yet no failure
  bool isStopped() const { return failed || cancel.isCanceled(); }
  const std::string& nodeId(int node) const { return plan.graph->nodes[static_cast<std::size_t>(node)].id; }
  /// Unset when every input still is the file it was when the run was planned.
  std::optional<Error> changedInput() const;

  const Plan plan;
  const RunOptions options;
  const int maxWorkers;
  CancelToken cancel;
  WorkerGate gate;
  Ledger ledger;
  BufferPool pool;
  Progress progress;
  std::atomic<bool> failed{false};
  std::mutex errorMutex;      ///< guards the two below
  std::vector<Error> errors;  ///< the run's failures
  std::vector<Error> skipped;
};

/// One stage of a run, on the run's workers.
class StageRun {
 public:
  StageRun(RunState& run, int index, Sink& sink);
  /// Returns when every chunk is in the sink, or the run is stopped.
  void work();

 private:
  /// A reduction that is cut into parts: its state while they come in, in any order.
  struct Merge {
    std::unique_ptr<Partial> total;
    std::map<std::int64_t, std::unique_ptr<Partial>> waiting;
    std::int64_t merged = 0;
    std::mutex mutex;
    std::optional<Error> unreadable;
    void add(std::int64_t part, std::unique_ptr<Partial> partial);
  };
  struct Skipped {
    std::int64_t chunk = 0;
    Error error;
  };

  /// Makes what keeps decoded blocks, and fills it where that is a pass of its own. False: the run is stopped.
  bool prepareReader();
  void runChunks(const std::vector<std::int64_t>& chunks);
  void runChunk(std::int64_t chunk, int worker, EvaluateContext& context);
  void runParts(std::int64_t chunk);
  void runPart(const PartedNode& parted, std::int64_t chunk, std::int64_t part, int worker, EvaluateContext& context, Merge& merge);
  /// Evaluates; what cannot be read is tried again after a while, by sources that have opened their files anew.
  Result<void> evaluatePatiently(int node, const Region& region, const BlockView& out, EvaluateContext& context);
  void chunkFailed(std::int64_t chunk, int worker, std::int64_t start, Error error);
  /// True: the policy lets this chunk be filled with nodata, which is done last.
  bool skip(std::int64_t chunk, int worker, std::int64_t start, const Error& error);
  void fillSkipped();
  const ArraySpec& spec() const;

  RunState& m_run;
  const int m_index;
  const Stage& m_stage;
  Sink& m_sink;
  std::unique_ptr<SourceReader> m_reader;  ///< none: sources are read directly
  std::mutex m_mutex;
  std::vector<Skipped> m_skipped;
};

}  // namespace cubeloom
