// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the items in step with document and session.
#include "ui/canvas/canvas_scene.h"

#include <QPainter>
#include <cmath>

#include "ui/run/blockers.h"
#include "ui/theme/theme.h"

namespace cubeloom {

CanvasScene::CanvasScene(Document& document, Session& session, RunStates& runs, QObject* parent)
    : QGraphicsScene(parent), m_document(document), m_session(session), m_runs(runs), m_style(CanvasStyle::current()) {
  // Few items that move a lot: looking at all of them is cheaper than keeping an index of a nearly endless plane.
  setItemIndexMethod(NoIndex);
  setSceneRect(-1e6, -1e6, 2e6, 2e6);
  connect(&document, &Document::chainChanged, this, &CanvasScene::synchronize);
  connect(&document, &Document::graphChanged, this, &CanvasScene::updateFacts);
  connect(&document, &Document::selectionChanged, this, &CanvasScene::updateMarks);
  connect(&document, &Document::viewChanged, this, &CanvasScene::updateMarks);
  connect(&session, &Session::planChanged, this, &CanvasScene::updateFacts);
  connect(&runs, &RunStates::changed, this, &CanvasScene::updateRuns);
  connect(&theme(), &Theme::changed, this, &CanvasScene::restyle);
  synchronize();
}

NodeItem* CanvasScene::node(const QString& id) const {
  const auto found = m_nodes.find(id);
  return found == m_nodes.end() ? nullptr : found->second;
}

void CanvasScene::synchronize() {
  std::set<QString> present;
  for (const Node& node : m_document.chain().nodes) present.insert(QString::fromStdString(node.id));
  for (auto it = m_nodes.begin(); it != m_nodes.end();) {
    if (present.count(it->first) > 0) {
      ++it;
      continue;
    }
    delete it->second;
    it = m_nodes.erase(it);
  }
  for (const QString& id : present) {
    NodeItem*& item = m_nodes[id];
    if (item) continue;
    item = new NodeItem(m_style);
    addItem(item);
  }
  clearMarks();
  restore();
  updateFacts();
  updateRuns();
  Q_EMIT nodesChanged();
}

void CanvasScene::restore() {
  for (const auto& [id, item] : m_nodes) item->setPos(m_document.position(id));
  updateWires();
}

void CanvasScene::updateFacts() {
  const auto plan = m_session.plan();
  for (const Node& node : m_document.chain().nodes) {
    const auto error = planErrorOf(m_session, node.id);
    if (NodeItem* item = this->node(QString::fromStdString(node.id)))
      item->setFacts(nodeFacts(m_document, plan.get(), node, error ? &*error : nullptr));
  }
  updateWires();
}

void CanvasScene::updateRuns() {
  for (const auto& [id, item] : m_nodes) item->setRun(m_runs.of(id));
}

void CanvasScene::updateMarks() {
  const QStringList selection = m_document.selection();
  for (const auto& [id, item] : m_nodes) {
    NodeMarks marks;
    marks.selected = selection.contains(id);
    marks.current = !selection.isEmpty() && selection.last() == id;
    marks.viewed = m_document.viewedNode() == id;
    marks.compared = m_document.comparedNode() == id || (marks.viewed && !m_document.comparedNode().isEmpty());
    marks.dimmed = m_dimmed.count(id) > 0;
    marks.eyeHot = m_hotEye == id;
    if (m_hotPort.node == id) marks.hotPort = m_hotPort.port;
    item->setMarks(marks);
    item->setZValue(marks.selected ? 1 : 0);
  }
}

void CanvasScene::updateWires() {
  struct End {
    QString source, consumer;
    int port;
  };
  std::vector<End> wanted;
  for (const Node& node : m_document.chain().nodes) {
    for (std::size_t port = 0; port < node.inputs.size(); ++port) {
      // "node.port" names one output of several; operations have one output so far.
      QString source = QString::fromStdString(node.inputs[port]);
      if (!this->node(source)) source = source.section(QLatin1Char('.'), 0, 0);
      const NodeItem* consumer = this->node(QString::fromStdString(node.id));
      if (this->node(source) && consumer && static_cast<qsizetype>(port) < consumer->facts().inputs.size())
        wanted.push_back({source, QString::fromStdString(node.id), static_cast<int>(port)});
    }
  }
  const bool same = wanted.size() == m_wires.size() &&
                    std::equal(wanted.begin(), wanted.end(), m_wires.begin(), [](const End& end, const WireItem* wire) {
                      return end.source == wire->source() && end.consumer == wire->consumer() && end.port == wire->port();
                    });
  if (!same) {
    qDeleteAll(m_wires);
    m_wires.clear();
    for (const End& end : wanted) {
      m_wires.push_back(new WireItem(m_style, end.source, end.consumer, end.port));
      addItem(m_wires.back());
    }
  }
  for (WireItem* wire : m_wires) wire->setEnds(node(wire->source())->outputPosition(), node(wire->consumer())->inputPosition(wire->port()));
}

void CanvasScene::restyle() {
  m_style = CanvasStyle::current();
  update();
}

PortRef CanvasScene::portAt(QPointF position) const {
  PortRef best;
  double bestDistance = kPortReach;
  const auto consider = [&](const QString& node, int port, QPointF at) {
    const double distance = std::hypot(position.x() - at.x(), position.y() - at.y());
    if (distance >= bestDistance) return;
    best = {node, port};
    bestDistance = distance;
  };
  for (const auto& [id, item] : m_nodes) {
    for (int port = 0; port < item->facts().inputs.size(); ++port) consider(id, port, item->inputPosition(port));
    if (item->facts().hasOutput) consider(id, PortRef::kOutput, item->outputPosition());
  }
  return best;
}

NodeItem* CanvasScene::nodeAt(QPointF position) const {
  NodeItem* best = nullptr;
  for (const auto& [id, item] : m_nodes) {
    if (item->frame().contains(position) && (!best || item->zValue() > best->zValue())) best = item;
  }
  return best;
}

WireItem* CanvasScene::wireAt(QPointF position, double tolerance) const {
  QPainterPathStroker stroker;
  stroker.setWidth(2 * tolerance);
  for (WireItem* wire : m_wires) {
    const QRectF near = wire->path().controlPointRect().adjusted(-tolerance, -tolerance, tolerance, tolerance);
    if (near.contains(position) && stroker.createStroke(wire->path()).contains(position)) return wire;
  }
  return nullptr;
}

bool CanvasScene::isEye(QPointF position) const {
  const NodeItem* item = nodeAt(position);
  return item && item->eyeRect().contains(position);
}

QPointF CanvasScene::portPosition(const PortRef& port) const {
  const NodeItem* item = node(port.node);
  if (!item) return {};
  return port.isOutput() ? item->outputPosition() : item->inputPosition(port.port);
}

QRectF CanvasScene::rectOf(const QStringList& ids) const {
  QRectF rect;
  for (const auto& [id, item] : m_nodes)
    if (ids.isEmpty() || ids.contains(id)) rect |= item->frame();
  return rect;
}

void CanvasScene::place(const QString& id, QPointF position) {
  NodeItem* item = node(id);
  if (!item) return;
  item->setPos(position);
  for (WireItem* wire : m_wires) {
    if (wire->source() == id || wire->consumer() == id)
      wire->setEnds(node(wire->source())->outputPosition(), node(wire->consumer())->inputPosition(wire->port()));
  }
}

void CanvasScene::setHot(QPointF position) {
  const PortRef port = portAt(position);
  const NodeItem* eye = !port.isValid() && isEye(position) ? nodeAt(position) : nullptr;
  const QString hotEye = eye ? eye->facts().id : QString();
  if (port == m_hotPort && hotEye == m_hotEye) return;
  m_hotPort = port;
  m_hotEye = hotEye;
  updateMarks();
}

void CanvasScene::setDimmed(const std::set<QString>& nodes) {
  m_dimmed = nodes;
  updateMarks();
}

void CanvasScene::setHotPort(const PortRef& port) {
  if (port == m_hotPort) return;
  m_hotPort = port;
  updateMarks();
}

void CanvasScene::clearMarks() {
  m_dimmed.clear();
  m_hotPort = {};
  m_hotEye.clear();
  for (WireItem* wire : m_wires) wire->setMark(WireItem::Mark::None);
  updateMarks();
}

void CanvasScene::drawBackground(QPainter* painter, const QRectF& rect) {
  painter->fillRect(rect, m_style.ground);
  const double zoom = painter->worldTransform().m11();
  double pitch = kDotPitch;
  while (pitch * zoom < 14) pitch *= 2;
  const double left = std::floor(rect.left() / pitch) * pitch, top = std::floor(rect.top() / pitch) * pitch;
  QList<QPointF> dots;
  dots.reserve(static_cast<qsizetype>((rect.width() / pitch + 2) * (rect.height() / pitch + 2)));
  for (double y = top; y <= rect.bottom(); y += pitch)
    for (double x = left; x <= rect.right(); x += pitch) dots << QPointF(x, y);
  painter->setRenderHint(QPainter::Antialiasing, false);
  QPen pen(m_style.dot, 2);
  pen.setCosmetic(true);
  painter->setPen(pen);
  painter->drawPoints(dots.constData(), static_cast<int>(dots.size()));
}

}  // namespace cubeloom
