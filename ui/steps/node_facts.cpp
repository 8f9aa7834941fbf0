// SPDX-License-Identifier: GPL-3.0-or-later
// Derives a node's words.
#include "ui/steps/node_facts.h"

#include <algorithm>

#include "engine/chain/summary.h"
#include "ui/document/ports.h"
#include "ui/words/number_text.h"
#include "ui/words/spec_text.h"

namespace cubeloom {

const PlanNode* planNodeOf(const Plan* plan, const std::string& id) {
  if (!plan) return nullptr;
  const auto found = std::find_if(plan->nodes.begin(), plan->nodes.end(), [&](const PlanNode& n) { return n.id == id; });
  return found == plan->nodes.end() ? nullptr : &*found;
}

namespace {

/// The bytes a write node puts on disk, when the plan knows; else those of its array.
double writtenBytes(const Plan* plan, const Graph& graph, int node, const ArraySpec& spec) {
  double bytes = 0;
  bool isKnown = false;
  if (plan && plan->graph) {
    for (const Stage& stage : plan->stages) {
      if (stage.sinkNode < 0 ||
          plan->graph->nodes[static_cast<std::size_t>(stage.sinkNode)].id != graph.nodes[static_cast<std::size_t>(node)].id)
        continue;
      bytes += stage.bytesToWrite;
      isKnown = true;
    }
  }
  return isKnown ? bytes : spec.bytes();
}

}  // namespace

NodeFacts nodeFacts(const Document& document, const Plan* plan, const Node& node, const Error* planError) {
  NodeFacts facts;
  facts.id = QString::fromStdString(node.id);
  facts.op = QString::fromStdString(node.op);
  facts.title = facts.op;
  facts.bypassed = node.bypassed;
  if (node.id != node.op) facts.name = facts.id;

  const auto& registry = document.services().registry;
  const Operation* operation = registry ? registry->find(node.op) : nullptr;
  int ports = static_cast<int>(node.inputs.size());
  if (operation) {
    const Declaration& declaration = operation->declaration();
    facts.title = QString::fromStdString(declaration.title);
    facts.hasOutput = hasOutputPort(declaration);
    ports = inputPortCount(declaration, node);
  }
  for (int i = 0; i < ports; ++i)
    facts.inputs << (i < static_cast<int>(node.inputs.size()) ? QString::fromStdString(node.inputs[static_cast<std::size_t>(i)])
                                                              : QString());

  const auto graph = document.graph();
  const int index = graph ? graph->indexOf(node.id) : -1;
  if (index < 0) return facts;
  const BoundNode& bound = graph->nodes[static_cast<std::size_t>(index)];
  if (const Error* error = bound.error ? &*bound.error : planError) {
    facts.error = QString::fromStdString(error->message);
    facts.errorDetail = facts.error;
    if (!error->hint.empty()) facts.errorDetail += QLatin1Char('\n') + QString::fromStdString(error->hint);
    return facts;
  }
  if (!bound.operation) return facts;
  facts.bound = true;
  facts.summary = QString::fromStdString(summaryOf(*graph, index));
  const ArraySpec& spec = bound.operation->spec();
  if (bound.operation->sink()) {
    facts.size = sizeText(writtenBytes(plan, *graph, index, spec));
  } else {
    facts.size = bound.operation->source() ? sizeText(spec.bytes()) : shapeText(spec.shape());
  }
  for (const std::string& warning : bound.operation->warnings()) facts.warnings << QString::fromStdString(warning);
  if (plan) {
    for (const PlanWarning& warning : plan->warnings) {
      const QString message = QString::fromStdString(warning.message);
      if (warning.node == node.id && !warning.isNote && !facts.warnings.contains(message)) facts.warnings << message;
    }
  }
  return facts;
}

QStringList portCardLines(const Document& document, const Plan* plan, const QString& node) {
  const ArraySpec* spec = document.specOf(node);
  if (!spec) return {};
  QStringList lines;
  const std::string_view type = pixelTypeName(spec->type);
  lines << dimsText(*spec) + QLatin1Char(' ') + QString::fromUtf8(type.data(), static_cast<qsizetype>(type.size()));
  QString second = sizeText(spec->bytes());
  const PlanNode* planned = planNodeOf(plan, node.toStdString());
  if (planned && !planned->chunkShape.empty()) {
    second += QStringLiteral(" · chunks ") + shapeText(planned->chunkShape);
  } else if (!spec->storage.block.empty() && spec->storage.block.size() == spec->dims.size()) {
    second += QStringLiteral(" · blocks ") + shapeText(spec->storage.block);
  }
  lines << second << crsText(*spec) + QStringLiteral(" · nodata ") + nodataText(*spec);
  return lines;
}

}  // namespace cubeloom
