// SPDX-License-Identifier: GPL-3.0-or-later
// Computes the chunks of one output: takes leases, evaluates, retries what could not be read, hands finished chunks to the sink.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/run/run_state.h"
#include "engine/walk/parted_node.h"

namespace cubeloom {

/// One stage of a run, on the run's workers.
class StageRun {
 public:
  StageRun(RunState& run, int index, Sink& sink);
  /// Returns when every chunk is in the sink, or the run is stopped.
  void work();
  /// The same for all stages of a pass.
  static void workTogether(const std::vector<std::unique_ptr<StageRun>>& stages);

 private:
  struct Skipped {
    std::int64_t chunk = 0;
    Error error;
  };

  /// Makes what keeps decoded blocks, and fills it where that is a pass of its own. False: the run is stopped.
  bool prepareReader();
  /// Those that an earlier run has not left complete.
  std::vector<std::int64_t> chunksToDo();
  /// `count` tasks of `bytes` each on the run's workers.
  void runTasks(std::int64_t count, double bytes, const std::function<void(std::int64_t task, int worker)>& work);
  void runChunks(const std::vector<std::int64_t>& chunks);
  void runChunk(std::int64_t chunk, int worker, EvaluateContext& context);
  /// A part of a run: what is gathered of large reductions, for the end of the run.
  static void makeStates(const std::vector<StageRun*>& together);
  /// One chunk that is a large reduction: its parts side by side. All stages of a pass have one of the same number.
  static void runParts(const std::vector<StageRun*>& together, std::int64_t chunk);
  Result<void> computeOrRead(std::int64_t chunk, const Region& region, const BlockView& out, EvaluateContext& context);
  void writeReduction(std::int64_t chunk, const PartedNode& parted, const Partial& total);
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
