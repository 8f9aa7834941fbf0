// SPDX-License-Identifier: GPL-3.0-or-later
// The chain zone: heading, canvas, port card, step list and empty state.
#pragma once

#include <QSet>
#include <QWidget>

#include "ui/canvas/canvas_board.h"
#include "ui/steps/node_commands.h"

class QFrame;
class QLabel;
class QLineEdit;

namespace cubeloom {

class AddList;

class CanvasView : public QWidget {
  Q_OBJECT
 public:
  explicit CanvasView(Document& document, Session& session, QWidget* parent = nullptr);

  NodeCommands& commands() { return *m_commands; }
  CanvasBoard& board() { return *m_board; }
  /// Opens the step list: the new step follows the selected one, at the pointer, or beside it when the pointer is elsewhere.
  void addStep();
  void fitAll();
  void fitSelection();
  /// A step that another zone has added: all stays in view where all was, else it scrolls to the step.
  void showAdded(const QString& node);

 signals:
  /// The user wants to go on in the inspector (Enter, double click).
  void parametersRequested();
  /// A button of the empty state.
  void openDatasetRequested();
  void openSampleRequested();

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  void buildHeader();
  void buildEmptyState();
  void buildActions();
  void openAddList(AddRequest request);
  void addChosen(const QString& operation);
  void showPortCard(const PortRef& port);
  void showMenu(QPoint globalPos, QPointF scenePos);
  void beginRename(const QString& node);
  void endRename(bool accept);
  void arrange();
  void onNodesChanged();
  /// Scrolls as little as needed to show a step that has just been added.
  void revealAdded(const QString& node);
  /// The one that others have added: a form, a step of the preview.
  void revealWhatWasAdded();
  void onUndone(int undoIndex);

  Document& m_document;
  Session& m_session;
  RunStates* m_runs;
  CanvasScene* m_scene;
  CanvasBoard* m_board;
  NodeCommands* m_commands;
  AddList* m_addList;
  AddRequest m_request;
  bool m_pointed = false;  ///< the pointer was over the canvas when the list opened
  QWidget* m_header = nullptr;
  QFrame* m_empty = nullptr;
  QFrame* m_portCard = nullptr;
  QLabel* m_portStrong = nullptr;
  QLabel* m_portMuted = nullptr;
  QLineEdit* m_rename = nullptr;
  QString m_renamed;
  bool m_wasEmpty = true, m_fitPending = true;
  QSet<QString> m_known;    ///< nodes
  bool m_isFitted = false;  ///< nobody has moved the view since all was brought into it: it keeps fitting as the zone changes size
  /// An added step that the view was moved for: undoing it moves the view back.
  struct Moved {
    int undoIndex = -1;
    QPointF before, after;
  };
  Moved m_moved;
};

}  // namespace cubeloom
