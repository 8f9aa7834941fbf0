// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/pixel_identity.h"

#include <algorithm>
#include <cstdint>

namespace cubeloom {

std::string pixelIdentity(const Chain& chain, const Graph& graph, const std::string& id) {
  const int start = graph.indexOf(id);
  if (start < 0 || !chain.find(id)) return {};
  std::vector<int> above{start};
  for (std::size_t i = 0; i < above.size(); ++i) {
    const BoundNode& bound = graph.nodes[static_cast<std::size_t>(above[i])];
    for (const auto* sides : {&bound.inputs, &bound.wires})  // what a node stands for may follow from the nodes behind it
      for (const int input : *sides)
        if (input >= 0 && std::find(above.begin(), above.end(), input) == above.end()) above.push_back(input);
  }
  Json parts = Json::array();
  for (const int index : above) {
    const BoundNode& bound = graph.nodes[static_cast<std::size_t>(index)];
    const Node* node = chain.find(bound.id);
    if (!node) return {};
    // A provider gives the same source for the same unchanged file, so its address stands for the file's content.
    const auto source = bound.operation ? reinterpret_cast<std::uintptr_t>(bound.operation->source().get()) : 0;
    parts.push_back({bound.id, bound.op, bound.inputs, node->params, source, bound.error ? bound.error->text() : std::string()});
  }
  parts.push_back(graph.folder);
  return parts.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cubeloom
