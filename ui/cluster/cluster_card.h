// SPDX-License-Identifier: GPL-3.0-or-later
// One cluster: what it has, how it is, and what can be done with it.
#pragma once

#include <QFrame>

#include "ui/run/session.h"

class QLabel;
class QPushButton;
class QSpinBox;

namespace cubeloom {

class ElidedLabel;
struct Cluster;

/// GUI thread only; the session outlives it.
class ClusterCard : public QFrame {
  Q_OBJECT
 public:
  ClusterCard(Session& session, const Cluster& cluster, QWidget* parent = nullptr);

  const QString& address() const { return m_address; }
  void show(const Cluster& cluster);
  /// "ready", "starting"…
  QString statusText() const;

 private:
  QWidget* makeFacts();
  QLayout* makeButtons();
  void chooseIt();
  void shutDown();

  Session& m_session;
  QString m_address, m_dashboard;
  QLabel *m_mark, *m_status, *m_workers, *m_cores, *m_memory, *m_problem;
  QWidget* m_facts = nullptr;
  ElidedLabel* m_title;
  QPushButton *m_choose, *m_copy, *m_open, *m_end, *m_scale;
  QSpinBox* m_wanted;
  bool m_isLocal = false;
};

}  // namespace cubeloom
