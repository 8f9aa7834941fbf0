// SPDX-License-Identifier: GPL-3.0-or-later
// The strip under the menu: workers and memory, what the run will cost before it starts, and the buttons that start and stop it.
#pragma once

#include <QFrame>

#include "ui/run/session.h"

class QAction;
class QHBoxLayout;
class QLabel;
class QMenu;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QToolButton;

namespace cubeloom {

class ElidedLabel;
class SizeEdit;

class RunBar : public QFrame {
  Q_OBJECT
 public:
  RunBar(Document& document, Session& session, QWidget* parent = nullptr);
  /// A button for `action` at the left end, in the order of the calls.
  void addLeadingAction(QAction* action, bool withText);
  QSize minimumSizeHint() const override;
  /// The sentence about what a run costs, or how it goes.
  QString preflight() const;

 public slots:
  void run();
  void runToHere();
  /// Puts the chain behind the run in progress, or says why not.
  void enqueue();
  void showQueue();
  void showBlockers();
  /// Asks first. Nothing happens where there is no part.
  void discardPart();
  /// Give the focus to a field, what it holds selected.
  void enterWorkers();
  void enterMemory();

 signals:
  /// The zone of the clusters is to be seen; `isAddressWanted`: at the field for an address.
  void clustersRequested(bool isAddressWanted);
  void problem(const QString& text);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void buildMachine(QHBoxLayout* row);
  void buildPreflight(QHBoxLayout* row);
  void buildButtons(QHBoxLayout* row);
  void refresh();
  void refreshMachine();
  void refreshPreflight();
  void refreshButtons();
  void refreshPlace();
  void fillPlaces(QMenu* menu);
  void startCluster();
  /// Runs or says why not, once the preflight that Run has asked for is there.
  void answer();

  Document& m_document;
  Session& m_session;
  QHBoxLayout* m_leading = nullptr;
  QSpinBox* m_workers = nullptr;
  QWidget *m_workersFacts = nullptr, *m_memoryFacts = nullptr;
  QLabel *m_workersOf = nullptr, *m_workersWhy = nullptr, *m_memoryOf = nullptr;
  SizeEdit* m_memory = nullptr;
  QProgressBar* m_memoryBar = nullptr;
  QLabel* m_preflightTitle = nullptr;
  ElidedLabel* m_preflight = nullptr;
  QPushButton *m_badge = nullptr, *m_run = nullptr;
  bool m_isAsked = false;  ///< Run was pressed, and what stands in the way is being looked at anew
  QToolButton *m_runToHere = nullptr, *m_stop = nullptr, *m_discard = nullptr;
  QToolButton *m_place = nullptr, *m_enqueue = nullptr, *m_queued = nullptr;
};

}  // namespace cubeloom
