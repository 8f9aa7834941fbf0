// SPDX-License-Identifier: GPL-3.0-or-later
// Collects the facts of a step from its spec and the plan.
#include "ui/inspector/output_facts.h"

#include <algorithm>
#include <set>

#include "ui/steps/node_facts.h"
#include "ui/words/number_text.h"
#include "ui/words/spec_text.h"

namespace cubeloom {

namespace {

std::vector<int> ancestors(const Graph& graph, int node) {
  std::vector<int> found;
  std::set<int> seen;
  std::vector<int> pending{node};
  for (std::size_t i = 0; i < pending.size(); ++i) {
    const int index = pending[i];
    if (index < 0 || !seen.insert(index).second) continue;
    found.push_back(index);
    for (int input : graph.nodes[static_cast<std::size_t>(index)].inputs) pending.push_back(input);
  }
  return found;
}

/// The stage of the plan that computes through `node`.
const Stage* stageOf(const Plan& plan, const std::string& node) {
  if (!plan.graph) return nullptr;
  const int index = plan.graph->indexOf(node);
  for (const Stage& stage : plan.stages) {
    const int target = stage.sinkNode >= 0 ? stage.sinkNode : stage.node;
    const std::vector<int> used = ancestors(*plan.graph, target);
    if (plan.graph->shown(target) == index || std::find(used.begin(), used.end(), index) != used.end()) return &stage;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> openNodesBehind(const Graph& graph, const std::string& node) {
  std::vector<std::string> found;
  const int index = graph.indexOf(node);
  if (index < 0) return found;
  for (int i : ancestors(graph, index)) {
    const BoundNode& bound = graph.nodes[static_cast<std::size_t>(i)];
    if (bound.operation && bound.operation->source()) found.push_back(bound.id);
  }
  return found;
}

std::vector<Fact> outputFacts(const Document& document, const Session& session, const QString& node) {
  std::vector<Fact> facts;
  const ArraySpec* spec = document.specOf(node);
  const auto graph = document.graph();
  if (!spec || !graph) return facts;
  const std::string id = node.toStdString();
  const std::string_view type = pixelTypeName(spec->type);
  const std::vector<std::string> sources = openNodesBehind(*graph, id);
  double sourceBytes = 0;
  for (const std::string& source : sources)
    if (const ArraySpec* s = graph->specOf(source)) sourceBytes += s->bytes();

  QStringList dims;
  for (const Dim& dim : spec->dims) dims << dimSymbol(dim.name);
  facts.push_back({QObject::tr("dimensions"), dims.join(QStringLiteral(" · ")), {}});
  facts.push_back({QObject::tr("shape"), shapeText(spec->shape()), {}});
  facts.push_back({QObject::tr("type"), QString::fromUtf8(type.data(), static_cast<qsizetype>(type.size())), {}});
  QString size = sizeText(spec->bytes());
  const bool isSource = std::find(sources.begin(), sources.end(), id) != sources.end();
  if (!isSource && sourceBytes > 0 && sourceBytes != spec->bytes()) size += QObject::tr(" (from %1)").arg(sizeText(sourceBytes));
  facts.push_back({QObject::tr("size"), size, QObject::tr("in memory, uncompressed")});
  if (spec->geobox) {
    facts.push_back(
        {QObject::tr("CRS"), crsText(*spec), QString::fromStdString(spec->geobox->crs().isValid() ? spec->geobox->crs().name() : "")});
    facts.push_back({QObject::tr("pixel"), resolutionText(*spec), {}});
    facts.push_back({QObject::tr("origin"), originText(*spec), QObject::tr("outer corner of the first pixel, x and y")});
    facts.push_back({QObject::tr("extent"), extentText(*spec), {}});
  } else {
    facts.push_back({QObject::tr("grid"), QObject::tr("none"), {}});
  }
  facts.push_back({QObject::tr("nodata"), nodataText(*spec), {}});
  const auto plan = session.plan();
  if (const PlanNode* planned = planNodeOf(plan.get(), id); planned && planned->chunks > 0)
    facts.push_back({QObject::tr("chunks"), QObject::tr("%1 of %2").arg(countText(planned->chunks), shapeText(planned->chunkShape)), {}});
  for (const std::string& source : sources) {
    const auto lines = session.readPlanOf(QString::fromStdString(source));
    if (!lines || lines->lines == 0) continue;
    facts.push_back({sources.size() > 1 ? QObject::tr("lines of %1").arg(document.stepName(QString::fromStdString(source)))
                                        : QObject::tr("source lines"),
                     QObject::tr("%1 of %2").arg(countText(lines->touchedLines()), countText(lines->lines)),
                     QObject::tr("read by the whole chain")});
  }
  if (plan) {
    if (const Stage* stage = stageOf(*plan, id))
      facts.push_back({QObject::tr("peak memory"),
                       stage->inFlight > 1 ? QObject::tr("one chunk %1 × %2").arg(sizeText(stage->chunkBytes)).arg(stage->inFlight)
                                           : QObject::tr("one chunk %1").arg(sizeText(stage->chunkBytes)),
                       QObject::tr("bytes of one chunk in flight, times chunks in flight at once")});
  }
  return facts;
}

}  // namespace cubeloom
