// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/parted_node.h"

#include "engine/op/view/view_operation.h"

namespace cubeloom {

std::optional<PartedNode> partedNode(const Graph& graph, int node, const Region& region) {
  PartedNode found{node, region, {}, {}, {}};
  while (true) {
    const BoundNode& bound = graph.nodes[static_cast<std::size_t>(found.node)];
    if (bound.operation->source()) return std::nullopt;
    if (auto parts = bound.operation->parts(found.region); !parts.empty()) {
      if (parts.size() < 2 || !bound.operation->mergesParts()) return std::nullopt;
      found.parts = std::move(parts);
      return found;
    }
    auto needs = bound.operation->plan(found.region, nullptr);
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
