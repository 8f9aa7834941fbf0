// SPDX-License-Identifier: GPL-3.0-or-later
// What has to be done for one region of a node, and in which order: every node on the way once, whoever needs it.
#pragma once

#include <memory>
#include <vector>

#include "engine/base/cancel.h"
#include "engine/chain/graph.h"
#include "engine/walk/shares.h"

namespace cubeloom {

/// One region of one node that is made.
struct WalkStep {
  int node = -1;
  Region region;                              ///< all that its users need of it
  std::shared_ptr<Source> source;             ///< a leaf, which is read; or ...
  const ReducerOperation* reducer = nullptr;  ///< ... a reduction, ...
  std::vector<Region> parts;                  ///< ... whose input is read in these parts; or ...
  std::vector<Share> shares;                  ///< of a leaf or a reduction: made side by side; empty: as one
  std::unique_ptr<Task> task;                 ///< ... a kernel; none in a program that only tells costs
  std::vector<Need> plannedNeeds;             ///< of a kernel without a task
  double scratchBytes = 0;                    ///< of the task, from the beginning until it has run
  std::int64_t prepareNs = 0;                 ///< making the task
  std::vector<int> feeds;                     ///< per need the step that makes it
  int users = 0;                              ///< needs that this step serves
  int directUser = -1, directNeed = 0;        ///< the only user, into whose output this step's goes straight; -1: it has a block of its own

  const std::vector<Need>& needs() const { return task ? task->needs() : plannedNeeds; }
};

/// The steps from the sources to one region of a node: the chain's graph, each node with what is asked of it merged. Regions of one node
/// stay apart only where a region that holds both would have more elements than both together. What is done behind a reduction is another
/// program, one for each of its pieces.
class ChunkProgram {
 public:
  enum class Purpose { Pixels, Costs };  ///< costs: operations are asked by plan(), which may need more than prepare()

  static Result<ChunkProgram> make(const Graph& graph, int node, const Region& region, Purpose purpose, const Sharing& sharing,
                                   const CancelToken* cancel = nullptr);

  std::vector<WalkStep>& steps() { return m_steps; }
  const WalkStep& step(int i) const { return m_steps[static_cast<std::size_t>(i)]; }
  /// Every step behind those that feed it; the last one makes the region asked for.
  const std::vector<int>& order() const { return m_order; }

 private:
  std::vector<WalkStep> m_steps;
  std::vector<int> m_order;
  friend class ProgramBuilder;
};

}  // namespace cubeloom
