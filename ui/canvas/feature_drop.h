// SPDX-License-Identifier: GPL-3.0-or-later
// A file of polygons or points dropped on the canvas: what can be done with it, and with which step.
#pragma once

#include <QPoint>
#include <QPointF>
#include <QString>

class QMenu;
class QWidget;

namespace cubeloom {

class Document;

/// Where it was dropped.
struct FeatureDrop {
  QString path;
  QPointF position;  ///< of the new step's corner where it is wired to nothing
  QString node;      ///< on which; empty: on none
  QString consumer;  ///< whose wire into `port`; empty: on none
  int port = -1;
};

/// A menu of the operations that take such a file; it belongs to `owner`. What is chosen goes into the wire, or behind the node, or else
/// behind the selected one or the one with the eye.
QMenu* featureMenu(Document& document, const FeatureDrop& drop, QWidget* owner);

}  // namespace cubeloom
