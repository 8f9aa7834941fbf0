// SPDX-License-Identifier: GPL-3.0-or-later
// Compound edits and walks over the chain.
#include "ui/document/chain_edits.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "ui/document/chain_layout.h"
#include "ui/document/ports.h"

namespace cubeloom {

namespace {

const Declaration* declarationOf(const Document& document, const QString& node) {
  const Node* found = document.chain().find(node.toStdString());
  const Operation* operation = found && document.services().registry ? document.services().registry->find(found->op) : nullptr;
  return operation ? &operation->declaration() : nullptr;
}

/// Everything that depends on `node`, itself included.
std::set<std::string> downstream(const Chain& chain, const std::string& node) {
  std::set<std::string> seen;
  std::vector<std::string> pending{node};
  while (!pending.empty()) {
    const std::string id = pending.back();
    pending.pop_back();
    if (!seen.insert(id).second) continue;
    for (const std::string& consumer : chain.consumersOf(id)) pending.push_back(consumer);
  }
  return seen;
}

/// Moves `consumer` and all behind it to the right until `node` has its place before it.
void makeRoom(Document& document, const QString& node, const QString& consumer) {
  const double missing = document.position(node).x() + kColumnStep - document.position(consumer).x();
  if (missing <= 0) return;
  std::map<QString, QPointF> moved;
  for (const std::string& id : downstream(document.chain(), consumer.toStdString())) {
    const QString q = QString::fromStdString(id);
    moved[q] = document.position(q) + QPointF(missing, 0);
  }
  document.moveNodes(moved);
}

}  // namespace

bool dependsOn(const Document& document, const QString& node, const QString& other) {
  return downstream(document.chain(), other.toStdString()).count(node.toStdString()) > 0;
}

int portFor(const Document& document, const QString& from, const QString& to, QString* why) {
  const Declaration* declaration = declarationOf(document, to);
  const Node* node = document.chain().find(to.toStdString());
  if (!declaration || !node) return -1;
  if (declaration->maxInputs() == 0) {
    if (why) *why = QStringLiteral("%1 takes no input").arg(QString::fromStdString(declaration->title));
    return -1;
  }
  const int ports = inputPortCount(*declaration, *node);
  int legal = -1;
  for (int port = 0; port < ports; ++port) {
    const QString reason = document.whyNot(from, to, port);
    if (!reason.isEmpty()) {
      if (why) *why = reason;
      continue;
    }
    const auto index = static_cast<std::size_t>(port);
    if (index >= node->inputs.size() || node->inputs[index].empty()) return port;
    if (legal < 0) legal = port;
  }
  return legal;
}

bool canSplice(const Document& document, const QString& node) {
  const Declaration* declaration = declarationOf(document, node);
  const Node* found = document.chain().find(node.toStdString());
  if (!declaration || !found || declaration->maxInputs() == 0 || !hasOutputPort(*declaration)) return false;
  const bool connected = std::any_of(found->inputs.begin(), found->inputs.end(), [](const std::string& input) { return !input.empty(); });
  return !connected && document.chain().consumersOf(found->id).empty();
}

void spliceNode(Document& document, const QString& node, QPointF position, const QString& consumer, int port) {
  const Node* target = document.chain().find(consumer.toStdString());
  if (!target || static_cast<std::size_t>(port) >= target->inputs.size()) return;
  const QString source = QString::fromStdString(target->inputs[static_cast<std::size_t>(port)]);
  const UndoMacro macro(document, QObject::tr("Insert %1").arg(document.stepName(node)));
  document.moveNodes({{node, position}});
  document.connectNodes(source, node, 0);
  document.connectNodes(node, consumer, port);
  makeRoom(document, node, consumer);
}

int connectInOrder(Document& document, const QStringList& ids) {
  QStringList ordered = ids;
  std::stable_sort(ordered.begin(), ordered.end(),
                   [&](const QString& a, const QString& b) { return document.position(a).x() < document.position(b).x(); });
  const UndoMacro macro(document, QStringLiteral("Connect steps"));
  int made = 0;
  for (qsizetype i = 1; i < ordered.size(); ++i) {
    const int port = portFor(document, ordered[i - 1], ordered[i]);
    if (port < 0) continue;
    document.connectNodes(ordered[i - 1], ordered[i], port);
    ++made;
  }
  return made;
}

void nudgeNodes(Document& document, const QStringList& ids, QPointF by) {
  std::map<QString, QPointF> positions;
  for (const QString& id : ids) positions[id] = document.position(id) + by;
  if (!positions.empty()) document.moveNodes(positions);
}

std::map<QString, QPointF> layoutChain(const Document& document) {
  const Chain& chain = document.chain();
  const auto order = topologicalOrder(chain);
  std::map<QString, QPointF> positions;
  if (!order || chain.nodes.empty()) return positions;

  QPointF corner = document.position(QString::fromStdString(chain.nodes.front().id));
  for (const Node& node : chain.nodes) {
    const QPointF p = document.position(QString::fromStdString(node.id));
    corner = QPointF(std::min(corner.x(), p.x()), std::min(corner.y(), p.y()));
  }
  const PassedNodes wires = passedNodes(chain);
  std::map<std::string, int> column;
  std::map<std::string, double> row;
  std::map<int, std::set<int>> taken;
  for (int index : *order) {
    const Node& node = chain.nodes[static_cast<std::size_t>(index)];
    int at = 0;
    double sum = 0;
    int count = 0;
    for (const std::string& input : node.inputs) {
      const auto found = column.find(input);
      if (found == column.end()) continue;
      at = std::max(at, found->second + 1);
      sum += row[input];
      ++count;
    }
    // The nearest free row to the mean of the inputs keeps straight chains straight and crossings few.
    int wanted = count > 0 ? static_cast<int>(std::lround(sum / count)) : 0;
    if (wires.passed.contains(node.id)) ++wanted;
    if (const auto from = wires.from.find(node.id); from != wires.from.end()) wanted = static_cast<int>(row[from->second]);
    std::set<int>& used = taken[at];
    int chosen = wanted;
    for (int distance = 0; used.count(chosen) > 0; ++distance) {
      chosen = wanted + distance;
      if (used.count(chosen) > 0 && wanted - distance >= 0) chosen = wanted - distance;
    }
    used.insert(chosen);
    column[node.id] = at;
    row[node.id] = chosen;
    positions[QString::fromStdString(node.id)] = corner + QPointF(at * kColumnStep, chosen * kRowStep);
  }
  return positions;
}

QString neighbour(const Document& document, const QString& from, int dx, int dy) {
  const Chain& chain = document.chain();
  const Node* node = chain.find(from.toStdString());
  if (!node) return chain.nodes.empty() ? QString() : QString::fromStdString(chain.nodes.front().id);
  if (dx < 0) {
    for (const std::string& input : node->inputs)
      if (!input.empty()) return QString::fromStdString(input);
  }
  if (dx > 0) {
    const std::vector<std::string> consumers = chain.consumersOf(node->id);
    if (!consumers.empty()) return QString::fromStdString(consumers.front());
  }
  const QPointF here = document.position(from);
  QString best;
  double bestDistance = 0;
  for (const Node& other : chain.nodes) {
    if (other.id == node->id) continue;
    const QPointF delta = document.position(QString::fromStdString(other.id)) - here;
    const double along = delta.x() * dx + delta.y() * dy;
    const double across = std::abs(delta.x() * dy) + std::abs(delta.y() * dx);
    if (along <= 1 || across > 2 * along) continue;
    const double distance = along + 2 * across;
    if (best.isEmpty() || distance < bestDistance) {
      best = QString::fromStdString(other.id);
      bestDistance = distance;
    }
  }
  return best;
}

}  // namespace cubeloom
