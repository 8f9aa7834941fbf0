// SPDX-License-Identifier: GPL-3.0-or-later
// What can be dropped on the canvas: files, datasets of the data zone, operations.
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QMenu>
#include <QMimeData>
#include <QTimer>
#include <QUrl>

#include "engine/access/features.h"
#include "ui/canvas/canvas_board.h"
#include "ui/canvas/feature_drop.h"
#include "ui/document/chain_edits.h"
#include "ui/document/chain_layout.h"
#include "ui/steps/drop_types.h"

namespace cubeloom {

namespace {

/// Paths of datasets; a chain file is not one, the window opens it.
QStringList datasetPaths(const QMimeData& mime) {
  if (mime.hasFormat(kDatasetMimeType)) return {QString::fromUtf8(mime.data(kDatasetMimeType))};
  QStringList paths;
  for (const QUrl& url : mime.urls())
    if (url.isLocalFile() && !url.path().endsWith(QStringLiteral(".cubeloom"), Qt::CaseInsensitive)) paths << url.toLocalFile();
  return paths;
}

QString operationOf(const QMimeData& mime) { return QString::fromUtf8(mime.data(kOperationMimeType)); }

}  // namespace

void CanvasBoard::dragEnterEvent(QDragEnterEvent* event) {
  if (!datasetPaths(*event->mimeData()).isEmpty() || !operationOf(*event->mimeData()).isEmpty())
    event->acceptProposedAction();
  else
    event->ignore();
}

void CanvasBoard::dragMoveEvent(QDragMoveEvent* event) {
  event->acceptProposedAction();
  if (operationOf(*event->mimeData()).isEmpty()) return;
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
  const QStringList paths = datasetPaths(*event->mimeData());
  if (paths.size() == 1 && isFeaturesName(paths.first().toStdString())) return offerFeatures(paths.first(), position);
  const UndoMacro macro(
      m_document, paths.size() == 1 ? tr("Open %1").arg(QFileInfo(paths.first()).fileName()) : tr("Open %1 datasets").arg(paths.size()));
  QPointF corner = position - QPointF(kNodeWidth, kNodeHeight) / 2;
  QStringList added;
  for (const QString& path : paths) {
    added << m_document.addNode(QStringLiteral("open"), Json{{"path", path.toStdString()}}, corner);
    corner += QPointF(0, kRowStep);
  }
  m_document.setSelection(added);
  if (m_document.viewedNode().isEmpty() && !added.isEmpty()) m_document.setViewedNode(added.first());
  setFocus(Qt::MouseFocusReason);
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
