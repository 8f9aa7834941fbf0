// SPDX-License-Identifier: GPL-3.0-or-later
// Edits made of several steps, each one entry of the undo stack; used by gestures, keys and menus alike.
#pragma once

#include <QPointF>
#include <QString>
#include <QStringList>
#include <map>

#include "ui/document/document.h"

namespace cubeloom {

/// Bundles the edits made while it lives into one undo step.
class UndoMacro {
 public:
  UndoMacro(Document& document, const QString& text) : m_stack(*document.undoStack()) { m_stack.beginMacro(text); }
  ~UndoMacro() { m_stack.endMacro(); }
  UndoMacro(const UndoMacro&) = delete;
  UndoMacro& operator=(const UndoMacro&) = delete;

 private:
  QUndoStack& m_stack;
};

/// The port of `to` that a wire from `from` should take: the first free legal one, else the first legal one; -1 when none. `why`
/// (optional) receives the reason then.
int portFor(const Document& document, const QString& from, const QString& to, QString* why = nullptr);

/// Whether `node` gets anything from `other`, over however many steps.
bool dependsOn(const Document& document, const QString& node, const QString& other);

/// Whether `node` could be put into a wire: it has an input and an output, and nothing is connected to either.
bool canSplice(const Document& document, const QString& node);
/// Puts an existing node at `position` into the wire that ends at `port` of `consumer`, and moves what follows out of its way.
void spliceNode(Document& document, const QString& node, QPointF position, const QString& consumer, int port);

/// Wires the nodes one after the other, from left to right. Returns how many wires were made.
int connectInOrder(Document& document, const QStringList& ids);
void nudgeNodes(Document& document, const QStringList& ids, QPointF by);

/// Columns by distance from the inputs, rows so that wires cross little. Never moves the top left corner of the chain.
std::map<QString, QPointF> layoutChain(const Document& document);

/// The node that a step in the direction (dx, dy) leads to: along wires sideways, to the nearest one up and down. Empty when none.
QString neighbour(const Document& document, const QString& from, int dx, int dy);

}  // namespace cubeloom
