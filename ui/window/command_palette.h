// SPDX-License-Identifier: GPL-3.0-or-later
// Everything the window can do, found by typing (Ctrl+Shift+P).
#pragma once

#include <QFrame>
#include <QString>
#include <functional>
#include <vector>

class QLabel;
class QLineEdit;
class QListWidget;

namespace cubeloom {

struct Command {
  QString text;  ///< "Chain: Lay out"
  QString keys;  ///< "Ctrl+R"; may be empty
  std::function<void()> run;
};

/// How well `query` fits `text`: its letters in order, better at the starts of words and in a row. Negative: not at all.
int matchScore(const QString& query, const QString& text);

/// A popup over the window's upper middle; closes when a command is chosen, on Esc, or when something else is clicked.
class CommandPalette : public QFrame {
  Q_OBJECT
 public:
  CommandPalette(std::vector<Command> commands, QWidget* window);
  void open();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void refresh();
  void choose();

  std::vector<Command> m_commands;
  QLineEdit* m_query;
  QListWidget* m_list;
  QLabel* m_nothing;
};

}  // namespace cubeloom
