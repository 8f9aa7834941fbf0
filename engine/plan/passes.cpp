// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/plan/passes.h"
#include "engine/walk/cost.h"
#include "engine/walk/parted_node.h"

#include <set>

namespace cubeloom {

Result<std::vector<PlannedFit>> plannedFits(const Graph& graph, const std::vector<int>& nodes) {
  std::set<int> needed;
  for (const int node : nodes)
    for (const int i : upstream(graph, node)) needed.insert(i);
  std::vector<PlannedFit> fits;
  for (const int i : graph.order) {
    const BoundNode& node = graph.nodes[static_cast<std::size_t>(i)];
    const FitPass* pass = needed.contains(i) && node.operation ? node.operation->fitPass() : nullptr;
    if (!pass) continue;
    const std::vector<Region> parts = pass->parts();
    const int input = node.inputs[static_cast<std::size_t>(pass->input())];
    auto cost = gatherCost(graph, input, parts, [pass](const Region& part) { return pass->pieces(part); });
    if (!cost) return fail(cost.error().atNode(node.id));
    PlannedFit fit;
    fit.stage.node = i;
    fit.stage.passes = pass->passes();
    fit.stage.parts = static_cast<std::int64_t>(parts.size());
    fit.stage.bytesToRead = cost->bytesToRead * fit.stage.passes;
    // The part's own state, and the one that all are merged into.
    fit.stage.chunkBytes = cost->peakBytes + 2 * pass->accumulatorBytes();
    fit.reads = std::move(cost->readPerNode);
    fit.makes = std::move(cost->madePerNode);
    for (std::vector<double>* all : {&fit.reads, &fit.makes})
      for (double& bytes : *all) bytes *= fit.stage.passes;
    fit.fittedBytes = pass->fittedBytes();
    fits.push_back(std::move(fit));
  }
  return fits;
}

bool canShareReading(const Graph& graph, const Stage& a, const Stage& b) {
  const auto parted = [&graph](const Stage& stage) {
    return stage.parts > 1 && stage.chunks.count() == 1 ? partedNode(graph, stage.node, stage.chunks.region(0)) : std::nullopt;
  };
  const auto first = parted(a), second = parted(b);
  if (!first || !second || first->parts != second->parts || a.units() != b.units() || a.made || b.made) return false;
  const BoundNode& one = graph.nodes[static_cast<std::size_t>(first->node)];
  const BoundNode& other = graph.nodes[static_cast<std::size_t>(second->node)];
  return one.inputs == std::vector<int>{other.inputs[0]} && other.inputs.size() == 1 &&
         first->reducer->pieces(first->parts[0]) == second->reducer->pieces(second->parts[0]);
}

}  // namespace cubeloom
