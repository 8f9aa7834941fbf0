// SPDX-License-Identifier: GPL-3.0-or-later
// A strip under the run bar for what the user should know and may dismiss; it never takes the focus.
#pragma once

#include <QFrame>
#include <functional>
#include <vector>

class QHBoxLayout;
class QLabel;

namespace cubeloom {

class NoticeBar : public QFrame {
  Q_OBJECT
 public:
  enum class Kind { Note, Problem };
  explicit NoticeBar(QWidget* parent = nullptr);
  struct Action {
    QString label;
    std::function<void()> run;  ///< the notice is gone by then
  };
  /// A new notice replaces the old one.
  void showNotice(Kind kind, const QString& text, const std::vector<Action>& actions = {});
  QString text() const;

 signals:
  void dismissed();
  /// It had the keyboard's focus when it was answered: a field that has it by chance would take what is typed next.
  void focusLeft();

 private:
  void leave(const std::function<void()>& then);

  QLabel* m_icon;
  QLabel* m_text;
  QHBoxLayout* m_buttons;
};

}  // namespace cubeloom
