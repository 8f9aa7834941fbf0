// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/plan/output_identity.h"

#include <set>

#include "engine/base/text.h"
#include "engine/plan/report_json.h"

namespace cubeloom {
namespace {

/// Shape, type, nodata and grid: what parameters may leave to other nodes (`like`) or to the input's header.
std::string specText(const ArraySpec& spec) {
  std::string text;
  for (const Dim& dim : spec.dims) text += dim.name + " " + std::to_string(dim.size) + " ";
  text += std::string(pixelTypeName(spec.type)) + " nodata " + (spec.nodata ? formatNumber(*spec.nodata) : "undeclared");
  if (spec.geobox) {
    text += " grid";
    for (const double number : spec.geobox->affine().geotransform()) text += " " + formatNumber(number);
    text += " " + spec.geobox->crs().definition();
  }
  return text;
}

/// How the file is laid out, where that was asked for.
std::string layoutText(const SinkRequest& request) {
  const SinkOptions& options = request.options;
  std::string text;
  for (const std::int64_t side : options.chunks) text += (text.empty() ? "chunks " : ",") + std::to_string(side);
  if (options.blockSize > 0) text += (text.empty() ? "" : " ") + ("blocks " + std::to_string(options.blockSize));
  if (!options.layout.empty()) text += (text.empty() ? "" : " ") + options.layout;
  return text.empty() ? text : text + " ";
}

std::string paramsText(Json params, bool isSink) {
  if (isSink && params.is_object()) {
    params.erase("path");
    params.erase("overwrite");
  }
  return dumped(params);
}

}  // namespace

std::vector<FileFingerprint> inputsOf(const Graph& graph) {
  std::vector<FileFingerprint> all;
  for (const BoundNode& node : graph.nodes)
    if (node.operation)
      for (FileFingerprint& print : fingerprintsOf(node.operation->files())) all.push_back(std::move(print));
  return all;
}

OutputIdentity outputIdentity(const Graph& graph, int node, const SinkRequest& request, std::vector<FileFingerprint> inputs) {
  std::set<int> needed;
  std::vector<int> waiting{node};
  while (!waiting.empty()) {
    const int i = waiting.back();
    waiting.pop_back();
    if (i < 0 || !needed.insert(i).second) continue;
    const BoundNode& bound = graph.nodes[static_cast<std::size_t>(i)];
    for (const auto* sides : {&bound.inputs, &bound.wires}) waiting.insert(waiting.end(), sides->begin(), sides->end());
  }
  OutputIdentity identity;
  identity.steps.push_back("cubeloom " CUBELOOM_VERSION);
  std::vector<std::size_t> number(graph.nodes.size(), 0);
  for (const int i : graph.order) {
    if (!needed.contains(i)) continue;
    const BoundNode& bound = graph.nodes[static_cast<std::size_t>(i)];
    number[static_cast<std::size_t>(i)] = identity.steps.size();
    std::string line = bound.op + " " + paramsText(bound.params, i == node && bound.operation->sink() != nullptr);
    for (const int input : bound.inputs) line += " <" + std::to_string(number[static_cast<std::size_t>(input)]);
    // The steps that a node stands for may follow from those behind it.
    if (bound.wires != bound.inputs)
      for (const int input : bound.wires) line += " <" + std::to_string(number[static_cast<std::size_t>(input)]);
    identity.steps.push_back(line + " = " + specText(bound.operation->spec()));
  }
  identity.steps.push_back("output " + toLower(request.format) + " " + request.compress + " " + request.overviews + " " +
                           request.interleave + " " + layoutText(request) + specText(request.spec));
  identity.inputs = std::move(inputs);
  return identity;
}

}  // namespace cubeloom
