// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/printed.h"

#include <algorithm>
#include <iostream>

#include "engine/array/table_cells.h"

namespace cubeloom::cli {
namespace {

constexpr std::int64_t kMostPrinted = 1000;

bool isPrinted(const ArraySpec& spec) { return !spec.isSpatial() && !isComplex(spec.type) && spec.count() <= kMostPrinted; }

}  // namespace

std::string printedNode(const Graph& graph) {
  if (graph.firstError() != nullptr || !graph.outputs().empty()) return {};
  std::vector<bool> isTaken(graph.nodes.size(), false);
  for (const BoundNode& node : graph.nodes)
    for (const int wire : node.wires)
      if (wire >= 0) isTaken[static_cast<std::size_t>(graph.shown(wire))] = true;
  std::string found;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const BoundNode& node = graph.nodes[i];
    if (node.partOf >= 0 || isTaken[i] || node.bypassed) continue;
    if (!found.empty() || !node.operation || !isPrinted(node.operation->spec())) return {};
    found = node.id;
  }
  return found;
}

void printValues(const RunOutput& output, const ArraySpec& spec) {
  if (!output.memory.data || !isPrinted(spec)) return;
  const ValueCells cell(spec);
  std::string text;
  for (const Dim& dim : spec.dims) text += dim.name + ",";
  if (!spec.dims.empty()) text += (spec.variable.empty() ? "value" : spec.variable) + "\n";
  std::vector<std::int64_t> index(spec.dims.size(), 0);
  for (std::int64_t left = spec.count(); left > 0; --left) {
    std::int64_t at = 0;
    for (std::size_t d = 0; d < index.size(); ++d) {
      text += entryCell(spec.dims[d], index[d]) + ",";
      at += index[d] * output.memory.strides[d];
    }
    const std::size_t before = text.size();
    cell.append(output.memory.data + at, text);
    if (text.size() == before && index.empty()) text += "nodata";
    text += "\n";
    for (std::size_t d = index.size(); d-- > 0;) {
      if (++index[d] < spec.dims[d].size) break;
      index[d] = 0;
    }
  }
  std::cout << text << std::flush;
}

}  // namespace cubeloom::cli
