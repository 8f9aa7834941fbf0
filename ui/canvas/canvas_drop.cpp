// SPDX-License-Identifier: GPL-3.0-or-later
// What can be dropped on the canvas: files, datasets of the data zone, operations.
#include <QDragEnterEvent>
#include <QMenu>
#include <QMimeData>
#include <QTimer>

#include "engine/access/features.h"
#include "ui/canvas/canvas_board.h"
#include "ui/canvas/feature_drop.h"
#include "ui/document/chain_layout.h"
#include "ui/steps/dragged_datasets.h"

namespace cubeloom {

namespace {

QString operationOf(const QMimeData& mime) { return QString::fromUtf8(mime.data(kOperationMimeType)); }

}  // namespace

void CanvasBoard::dragEnterEvent(QDragEnterEvent* event) {
  if (!datasetsOf(*event->mimeData()).empty() || !operationOf(*event->mimeData()).isEmpty())
    event->acceptProposedAction();
  else
    event->ignore();
}

void CanvasBoard::dragMoveEvent(QDragMoveEvent* event) {
  event->acceptProposedAction();
  if (operationOf(*event->mimeData()).isEmpty()) {
    // A dataset feeds the input that it is dropped on.
    const PortRef port = m_scene.portAt(mapToScene(event->position().toPoint()));
    m_scene.setHotPort(port.isOutput() ? PortRef() : port);
    return;
  }
  const WireItem* under = m_scene.wireAt(mapToScene(event->position().toPoint()), 12 / zoom());
  for (WireItem* wire : m_scene.wires()) wire->setMark(wire == under ? WireItem::Mark::Hot : WireItem::Mark::None);
}

void CanvasBoard::dragLeaveEvent(QDragLeaveEvent*) { m_scene.clearMarks(); }

void CanvasBoard::dropEvent(QDropEvent* event) {
  event->acceptProposedAction();
  const QPointF position = mapToScene(event->position().toPoint());
  const QString operation = operationOf(*event->mimeData());
  if (!operation.isEmpty()) {
    const WireItem* wire = m_scene.wireAt(position, 12 / zoom());
    const QPointF corner = position - QPointF(kNodeWidth, kNodeHeight) / 2;
    const QString id = wire ? m_document.insertNode(operation, Json::object(), wire->consumer(), wire->port())
                            : m_document.addNode(operation, Json::object(), corner);
    if (!id.isEmpty()) m_document.setSelection({id});
    return;
  }
  m_scene.clearMarks();
  const std::vector<DraggedDataset> datasets = datasetsOf(*event->mimeData());
  if (datasets.size() == 1 && isFeaturesName(datasets.front().path.toStdString())) return offerFeatures(datasets.front().path, position);
  DropPlace place{position - QPointF(kNodeWidth, kNodeHeight) / 2, {}, -1};
  if (const PortRef port = m_scene.portAt(position); port.isValid() && !port.isOutput()) {
    place.consumer = port.node;
    place.port = port.port;
    place.corner = freePlace(m_document.position(port.node) - QPointF(kColumnStep, 0), layoutOf(m_document.chain()));
  }
  const std::vector<WayTogether> ways = waysTogether(datasets);
  if (ways.size() > 1) return offerTogether(datasets, ways, place, event->position().toPoint());
  if (!ways.empty()) addTogether(m_document, datasets, ways.front().way, place);
  setFocus(Qt::MouseFocusReason);
}

/// What several datasets become together. The menu opens once the drag is over, as below.
void CanvasBoard::offerTogether(const std::vector<DraggedDataset>& datasets, const std::vector<WayTogether>& ways, const DropPlace& place,
                                QPoint at) {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->setToolTipsVisible(true);
  menu->addSection(tr("%1 datasets").arg(datasets.size()));
  for (const WayTogether& way : ways) {
    QAction* action = menu->addAction(way.title, this, [this, datasets, chosen = way.way, place] {
      addTogether(m_document, datasets, chosen, place);
      setFocus(Qt::MouseFocusReason);
    });
    action->setEnabled(way.obstacle.isEmpty());
    action->setToolTip(way.obstacle.isEmpty() ? way.help : tr("Not here: %1.").arg(way.obstacle));
  }
  const QPoint global = viewport()->mapToGlobal(at);
  QTimer::singleShot(0, menu, [menu, global] { menu->popup(global); });
}

/// The menu opens once the drag is over: until then another program holds the pointer.
void CanvasBoard::offerFeatures(const QString& path, QPointF position) {
  FeatureDrop drop{path, position - QPointF(kNodeWidth, kNodeHeight) / 2, {}, {}, -1};
  if (const NodeItem* node = m_scene.nodeAt(position)) drop.node = node->facts().id;
  const WireItem* wire = drop.node.isEmpty() ? m_scene.wireAt(position, 12 / zoom()) : nullptr;
  if (wire) {
    drop.consumer = wire->consumer();
    drop.port = wire->port();
  }
  QMenu* menu = featureMenu(m_document, drop, this);
  const QPoint at = viewport()->mapToGlobal(mapFromScene(position));
  QTimer::singleShot(0, menu, [menu, at] { menu->popup(at); });
}

}  // namespace cubeloom
