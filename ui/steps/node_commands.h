// SPDX-License-Identifier: GPL-3.0-or-later
// What can be done with the selected steps: the same actions, keys and menu for canvas and outline.
#pragma once

#include <QAction>
#include <QObject>
#include <QPointF>
#include <functional>

#include "ui/document/code_task.h"
#include "ui/run/session.h"

class QMenu;
class QWidget;

namespace cubeloom {

/// GUI thread only. The shortcuts act while `host` or a child of it has the focus. `session` may be null: then nothing can be run.
class NodeCommands : public QObject {
  Q_OBJECT
 public:
  NodeCommands(Document& document, Session* session, QWidget* host);

  /// All actions, in menu order; null stands for a separator.
  const QList<QAction*>& actions() const { return m_actions; }
  /// By object name: "view", "compare", "bypass", "rename", "duplicate", "copy", "cut", "paste", "remove", "removeHeal", "connect",
  /// "selectAll", "layout", "runToHere", "copyCommand", "copyPython", "copyGdal".
  QAction* action(const QString& name) const;
  void fillMenu(QMenu& menu) const;
  /// Where pasted steps go; a place near the origin when not set.
  void setPastePosition(std::function<QPointF()> position) { m_pastePosition = std::move(position); }

 signals:
  void renameRequested(const QString& node);
  void laidOut();

 private:
  QAction* add(const QString& name, const QString& text, const QList<QKeySequence>& keys, std::function<void()> run);
  void refresh();
  /// Up to the current step, once its headers are read; nothing where it cannot be written.
  void copyAs(const QString& language);
  QString current() const;

  Document& m_document;
  Session* m_session;
  QWidget* m_host;
  QList<QAction*> m_actions;
  std::function<QPointF()> m_pastePosition;
  CodeTask m_code;
};

}  // namespace cubeloom
