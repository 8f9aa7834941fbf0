// SPDX-License-Identifier: GPL-3.0-or-later
// The chain as a tree: the canvas's equal for keyboard and screen reader, over the same document with the same commands.
#pragma once

#include <QWidget>

#include "ui/outline/outline_model.h"
#include "ui/steps/node_commands.h"

class QTreeView;

namespace cubeloom {

class AddList;

class OutlineView : public QWidget {
  Q_OBJECT
 public:
  explicit OutlineView(Document& document, QWidget* parent = nullptr);
  OutlineModel& model() { return *m_model; }
  QTreeView& tree() { return *m_tree; }
  NodeCommands& commands() { return *m_commands; }

 private:
  void showSelection();
  void takeSelection();
  void showMenu(QPoint position);
  void addStep();
  void addChosen(const QString& operation);
  /// A menu of the steps the current port can be wired to.
  void chooseSource(QPoint globalPos);

  Document& m_document;
  OutlineModel* m_model;
  QTreeView* m_tree;
  NodeCommands* m_commands;
  AddList* m_addList;
  bool m_following = false;
};

}  // namespace cubeloom
