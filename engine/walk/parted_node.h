// SPDX-License-Identifier: GPL-3.0-or-later
// Finds a reduction whose parts can be gathered side by side, behind nothing but views.
#pragma once

#include <optional>
#include <vector>

#include "engine/chain/graph.h"

namespace cubeloom {

/// A reduction that can be computed in parts side by side, reached from a node through views alone.
struct PartedNode {
  int node = -1;
  const ReducerOperation* reducer = nullptr;
  Region region;                   ///< of that node
  std::vector<Region> parts = {};  ///< of its input 0
  std::vector<int> views = {};     ///< the nodes passed on the way ...
  std::vector<Need> needs = {};    ///< ... and what each asked for
};
std::optional<PartedNode> partedNode(const Graph& graph, int node, const Region& region);
/// Where the reduction's result lies inside the block `out` of the node it was reached from.
BlockView partedView(const PartedNode& parted, const BlockView& out);

}  // namespace cubeloom
