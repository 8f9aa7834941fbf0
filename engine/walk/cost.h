// SPDX-License-Identifier: GPL-3.0-or-later
// What evaluating costs, told without reading: the same steps in the same order as the evaluation itself, with sizes instead of pixels.
#pragma once

#include <functional>
#include <vector>

#include "engine/chain/graph.h"
#include "engine/walk/shares.h"

namespace cubeloom {

/// What evaluating `region` costs, without reading.
struct EvaluateCost {
  double bytesToRead = 0;
  double peakBytes = 0;  ///< live at once inside evaluate(), the output block not counted
  double extents = 0;
  double reads = 0;                 ///< regions that sources are asked for
  std::vector<double> readPerNode;  ///< one per graph node
  std::vector<double> madePerNode;  ///< bytes of the blocks that it makes, likewise

  explicit EvaluateCost(std::size_t nodes = 0) : readPerNode(nodes, 0), madePerNode(nodes, 0) {}
};
Result<EvaluateCost> evaluateCost(const Graph& graph, int node, const Region& region, const Sharing& sharing = {});

/// How a part is cut into pieces that are read one after another.
using Pieces = std::function<std::vector<Region>(const Region& part)>;
/// What a reduction takes of another node along with a piece.
struct Beside {
  int node = -1;
  Region region;
};
using BesideOf = std::function<std::vector<Beside>(const Region& piece)>;
/// That of the reduction `node`.
BesideOf besideOf(const Graph& graph, int node, const ReducerOperation& reducer);
/// What reading `parts` of `node` and what goes with them costs, without reading; `peakBytes` is that of the most expensive one, its blocks
/// counted.
Result<EvaluateCost> gatherCost(const Graph& graph, int node, const std::vector<Region>& parts, const Pieces& pieces,
                                const BesideOf& besides = {});

/// The source regions `region` of `node` touches: calls `visit(nodeIndex of the open node, its region)`.
Result<void> visitSourceRegions(const Graph& graph, int node, const Region& region, const std::function<void(int, const Region&)>& visit);

}  // namespace cubeloom
