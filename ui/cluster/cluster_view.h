// SPDX-License-Identifier: GPL-3.0-or-later
// The zone of the clusters: a card for each, and the two ways to get one.
#pragma once

#include <QWidget>
#include <vector>

#include "ui/document/document.h"
#include "ui/run/session.h"

class QHBoxLayout;
class QLabel;
class QLineEdit;
class QPushButton;

namespace cubeloom {

class ClusterCard;

/// GUI thread only. Looks for clusters when it is first seen.
class ClusterView : public QWidget {
  Q_OBJECT
 public:
  ClusterView(Document& document, Session& session, QWidget* parent = nullptr);

  const std::vector<ClusterCard*>& cards() const { return m_cards; }
  /// The sentence beside the field; empty: nothing is wrong.
  QString problem() const;
  void enterAddress();

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void connectToAddress();
  void refresh();
  void say(const QString& text);

  Session& m_session;
  QPushButton *m_start, *m_connect;
  QLineEdit* m_address;
  QLabel *m_said, *m_empty;
  QHBoxLayout* m_row;
  QWidget* m_list;
  std::vector<ClusterCard*> m_cards;
};

}  // namespace cubeloom
