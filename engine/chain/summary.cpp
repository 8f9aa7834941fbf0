// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/chain/summary.h"

#include <cctype>

namespace cubeloom {
namespace {

bool isOfWord(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

}  // namespace

std::string summaryOf(const Graph& graph, int node) {
  const BoundNode& bound = graph.nodes[static_cast<std::size_t>(node)];
  if (!bound.operation) return {};
  const std::string& said = bound.operation->summary();
  std::string text;
  for (std::size_t i = 0; i < said.size();) {
    // "in2." that begins a word
    const bool isInput = said.compare(i, 2, "in") == 0 && i + 3 < said.size() && said[i + 2] >= '1' && said[i + 2] <= '8' &&
                         said[i + 3] == '.' && (i == 0 || !isOfWord(said[i - 1]));
    const std::size_t wire = isInput ? static_cast<std::size_t>(said[i + 2] - '1') : 0;
    if (isInput && wire < bound.wires.size() && bound.wires[wire] >= 0) {
      text += graph.nodes[static_cast<std::size_t>(graph.shown(bound.wires[wire]))].id;
      i += 3;
    } else {
      text += said[i++];
    }
  }
  return text;
}

}  // namespace cubeloom
