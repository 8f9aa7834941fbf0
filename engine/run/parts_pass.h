// SPDX-License-Identifier: GPL-3.0-or-later
// One reading of an array in parts, side by side, for all that gather from it; merged in order.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/run/ledger.h"
#include "engine/walk/cost.h"
#include "engine/walk/evaluate.h"

namespace cubeloom {

struct RunState;

/// Something that gathers: a fit, or a reduction that is written.
struct Gatherer {
  int node = -1;
  std::function<std::unique_ptr<Accumulator>()> make;  ///< thread-safe
  BesideOf beside = {};                                ///< what it takes along with a piece
  std::unique_ptr<Accumulator> total = {};
};

/// One state of every gatherer.
using PartStates = std::vector<std::unique_ptr<Accumulator>>;

/// Where the states of parts are kept, if they are.
struct PartsKeeping {
  /// Sets the states of a part to what is kept of them; gives the bytes that this read. Unset: they are to be gathered.
  std::function<Result<std::optional<std::int64_t>>(std::int64_t part, const PartStates& states)> load = {};
  std::function<Result<void>(std::int64_t part, const PartStates& states)> keep = {};
};

/// What is read.
struct PartsInput {
  int node = -1;
  std::vector<Region> parts;
  Pieces pieces;
  double leaseBytes = 0;                        ///< of one part in flight: reading, and a state of every gatherer
  SourceReader* reader = nullptr;               ///< as in EvaluateContext
  const std::vector<char>* onlyRead = nullptr;  ///< the same
  PartsKeeping keeping = {};
  /// Those of the parts that are taken, without a total of them; unset: all, merged.
  std::optional<UnitRange> only = {};
};

class PartsPass {
 public:
  /// `task`: the number under which Progress counts the parts.
  PartsPass(RunState& run, int task, const PartsInput& input, std::vector<Gatherer>& gatherers);
  /// Returns when every part is in the totals, or none will be: with the error of a part, Canceled when the run was stopped.
  Result<void> run();

 private:
  /// A part's states, whose memory stays leased until they are merged.
  struct Finished {
    Ledger::Lease lease;
    PartStates states;
    bool isLoaded = false;
  };

  /// One part, read, gathered, merged; false: there will be no total.
  bool work(std::int64_t part, int worker, Ledger::Lease& lease);
  Result<Finished> gather(std::int64_t part, Ledger::Lease& lease, EvaluateContext& context);
  Result<void> read(std::int64_t part, PartStates& states, EvaluateContext& context);
  void merge(std::int64_t part, Finished finished);

  RunState& m_run;
  const int m_task;
  const PartsInput& m_input;
  std::vector<Gatherer>& m_gatherers;
  std::vector<EvaluateContext> m_contexts;  ///< one per worker
  std::mutex m_mutex;                       ///< guards all below
  std::int64_t m_merged = 0;
  std::map<std::int64_t, Finished> m_waiting;
  std::optional<Error> m_error;
};

}  // namespace cubeloom
