// SPDX-License-Identifier: GPL-3.0-or-later
// The plan of a run: what will be read, written and needed, and whether it fits; before anything is touched.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/access/sink.h"
#include "engine/array/chunk_grid.h"
#include "engine/chain/graph.h"
#include "engine/walk/shares.h"

namespace cubeloom {

struct PlanOptions {
  int workers = 0;                     ///< 0: all usable cores
  std::int64_t memoryBudgetBytes = 0;  ///< 0: default (70 % of what is available)
  std::string target;                  ///< node id; empty: every output
  bool overwrite = false;
  bool resume = false;    ///< continue what an earlier run left, where steps and inputs are the same
  RunPart part = {};      ///< count > 0: of this part alone, beside the outputs
  bool finalize = false;  ///< the outputs from the parts that are there
  bool isForParts() const { return part.count > 0 || finalize; }
};

/// The decoded blocks of one open node that a stage keeps because several of its chunks need them.
struct KeptNode {
  int node = -1;
  // On disk only.
  std::vector<std::int64_t> piece = {};   ///< elements per dim of what is written and read at once
  std::vector<int> order = {};            ///< dims in which pieces follow each other, the slowest first
  std::vector<std::int64_t> blocks = {};  ///< numbers of those to decode, in row-major order
};

/// Where a stage keeps decoded blocks: in memory, or, if they are too many, in a file of scratch space.
struct KeptBlocks {
  std::vector<KeptNode> nodes;  ///< empty: every read decodes what it needs
  double memoryBytes = 0;       ///< most that is kept in memory; part of the stage's fixedBytes
  double scratchBytes = 0;      ///< on disk; > 0: a pass of its own decodes all blocks first
  std::string scratchFolder;
  double passBytes = 0;  ///< of memory, for each block in flight in that pass
};

/// One output being produced.
struct Stage {
  int node = -1;      ///< whose array is computed
  int sinkNode = -1;  ///< the write node; -1: into memory
  SinkRequest sinkRequest;
  SinkPlan sinkPlan;
  ChunkGrid chunks;
  std::int64_t parts = 1;  ///< > 1: one chunk at a time, cut into this many parallel parts (a large reduction)
  /// Of a run in parts: the units that are made by this one. Unset: all.
  std::optional<UnitRange> only = {};
  /// Where the units come from, if they are made already.
  std::shared_ptr<const MadeUnits> made = {};
  /// What is made: chunks; of a large reduction the states of all parts of all chunks.
  UnitRange units() const { return only.value_or(UnitRange{0, chunks.count() * parts}); }
  /// The chunks that the units are of.
  UnitRange chunkRange() const { return {units().first / parts, (units().end + parts - 1) / parts}; }
  /// The units' share of all.
  double share() const {
    return static_cast<double>(units().count()) / static_cast<double>(std::max<std::int64_t>(chunks.count() * parts, 1));
  }
  bool isOfPart() const { return sinkRequest.making == SinkRequest::Making::Part; }
  /// Stages of equal number are reductions of the same parts of one array: these are read once, for all of them together.
  int pass = 0;
  double bytesToRead = 0;  ///< of a shared reading: told by the first of its stages
  double bytesToWrite = 0;
  double chunkBytes = 0;  ///< C: most live bytes of one chunk in flight, of all stages of the pass
  double fixedBytes = 0;  ///< S, likewise; and what fits have learned
  int inFlight = 1;       ///< T
  Sharing sharing = {};   ///< of a chunk's steps: more than one where there are fewer chunks than workers
  KeptBlocks kept;
  std::vector<char> onlyRead;  ///< per graph node: an open node of which much is read, and nothing twice
};

/// A node that learns from its input before anything is written.
struct FitStage {
  int node = -1;
  int passes = 1;          ///< one after another
  std::int64_t parts = 1;  ///< of one pass
  double bytesToRead = 0;  ///< by all passes
  double chunkBytes = 0;   ///< C: most live bytes of one part in flight
  double fixedBytes = 0;   ///< S: caches, and what this fit and those before it learn
  int inFlight = 1;        ///< T
};

struct PlanNode {
  std::string id, op;
  ArraySpec spec;
  std::vector<std::int64_t> chunkShape;
  std::int64_t chunks = 0;
  double bytesToRead = 0;
  double bytesToMake = 0;  ///< of the blocks that it computes, in all chunks and passes; a write node: of what it takes
};

struct PlanWarning {
  std::string node, message;
  bool isNote = false;  ///< no fault need be behind it: how an input is read
};

struct Refusal {
  std::string reason;
  std::vector<std::string> remedies;
};

/// Immutable once made.
struct Plan {
  std::shared_ptr<const Graph> graph;
  std::vector<FitStage> fitStages;  ///< in their order; all come before the first stage
  std::vector<Stage> stages;
  std::vector<FileFingerprint> inputs;  ///< every file that is read, as it was when the plan was made
  int workers = 1;
  std::int64_t memoryBudgetBytes = 0;
  double projectedPeakBytes = 0;
  double processBytes = 0;  ///< R: what the process itself costs, part of the projection
  double bytesToRead = 0, bytesToWrite = 0, diskFreeBytes = -1;
  double leastBudgetBytes = 0;  ///< smallest budget that would do
  std::int64_t chunks = 0, tasks = 0;
  int passes = 1;  ///< readings: of fits, and of stages, those that share one counted once
  std::vector<PlanNode> nodes;
  std::vector<PlanWarning> warnings;
  std::vector<Refusal> refusals;
  bool fits() const { return refusals.empty(); }
};

/// Fails when the chain is not valid (InvalidChain, InvalidParameter, OpenFailed...); what does not fit is a plan with refusals.
Result<Plan> makePlan(std::shared_ptr<const Graph> graph, SinkProvider& sinks, const PlanOptions& options);
/// A plan of nothing but what has to be learned before pixels of `node` can be made; the budget is for the learning alone. What does not
/// fit is a plan with refusals.
Result<Plan> planFits(std::shared_ptr<const Graph> graph, int node, SinkProvider& sinks, const PlanOptions& options);
/// interfaces.md, "plan --json".
std::string planToJson(const Plan& plan, const std::string& chainName);

/// Lines of one source that a plan touches, for the picture of the dataset.
struct ReadPlan {
  std::int64_t lines = 0;                                      ///< of the source
  std::vector<std::pair<std::int64_t, std::int64_t>> touched;  ///< (first, count), merged, ascending
  std::int64_t touchedLines() const;
};
Result<ReadPlan> readPlan(const Plan& plan, const std::string& openNode);

}  // namespace cubeloom
