// SPDX-License-Identifier: GPL-3.0-or-later
// A strip under the run bar for what the user should know and may dismiss; it never takes the focus.
#pragma once

#include <QFrame>

class QLabel;

namespace cubeloom {

class NoticeBar : public QFrame {
  Q_OBJECT
 public:
  enum class Kind { Note, Problem };
  explicit NoticeBar(QWidget* parent = nullptr);
  /// A new notice replaces the old one.
  void showNotice(Kind kind, const QString& text);
  QString text() const;

 signals:
  void dismissed();

 private:
  QLabel* m_icon;
  QLabel* m_text;
};

}  // namespace cubeloom
