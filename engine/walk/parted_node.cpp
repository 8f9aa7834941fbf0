// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/parted_node.h"

#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

/// What a kernel of any kind needs; nothing of all else.
Result<std::vector<Need>> plannedNeeds(const Work& work, const Region& region) {
  using Needs = Result<std::vector<Need>>;
  return std::visit(Overloaded{[](const LeafOperation*) { return Needs{}; }, [](const ReducerOperation*) { return Needs{}; },
                               [&](const KernelOperation* kernel) { return kernel->plan(region, nullptr); }},
                    work);
}

}  // namespace

std::optional<PartedNode> partedNode(const Graph& graph, int node, const Region& region) {
  PartedNode found{node, nullptr, region, {}, {}, {}};
  while (true) {
    const BoundNode& bound = graph.nodes[static_cast<std::size_t>(found.node)];
    const Work work = bound.operation->work();
    if (const auto* reducer = std::get_if<const ReducerOperation*>(&work)) {
      found.reducer = *reducer;
      found.parts = found.reducer->parts(found.region);
      if (found.parts.size() < 2 || !found.reducer->mergesParts()) return std::nullopt;
      return found;
    }
    const auto needs = plannedNeeds(work, found.region);
    const bool passesOn = needs && needs->size() == 1 && (*needs)[0].direct &&
                          regionCount((*needs)[0].region) == regionCount(found.region) && bound.inputs.size() == 1;
    if (!passesOn) return std::nullopt;
    found.needs.push_back((*needs)[0]);
    found.views.push_back(found.node);
    found.region = (*needs)[0].region;
    found.node = bound.inputs[0];
  }
}

BlockView partedView(const PartedNode& parted, const BlockView& out) {
  BlockView view = out;
  for (const Need& need : parted.needs) view = directView(need, view);
  return view;
}

}  // namespace cubeloom
