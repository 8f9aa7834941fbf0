// SPDX-License-Identifier: GPL-3.0-or-later
// Filters and runs commands.
#include "ui/window/command_palette.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/theme/theme.h"

namespace cubeloom {

namespace {

constexpr int kWidthPx = 560;
constexpr int kRows = 12;
constexpr int kRowHeightPx = 28;

}  // namespace

int matchScore(const QString& query, const QString& text) {
  int score = 0, at = 0, previous = -2;
  for (const QChar wanted : query) {
    if (wanted.isSpace()) continue;
    int found = -1;
    // A start of a word is worth a jump; else the next place where the letter stands.
    for (int i = at; i < text.size(); ++i) {
      if (text[i].toCaseFolded() != wanted.toCaseFolded()) continue;
      const bool startsWord = i == 0 || !text[i - 1].isLetterOrNumber();
      if (found < 0 || startsWord) found = i;
      if (startsWord || i == previous + 1) break;
    }
    if (found < 0) return -1;
    const bool startsWord = found == 0 || !text[found - 1].isLetterOrNumber();
    score += found == previous + 1 ? 5 : startsWord ? 4 : 1;
    previous = found;
    at = found + 1;
  }
  return score * 100 - static_cast<int>(text.size());
}

CommandPalette::CommandPalette(std::vector<Command> commands, QWidget* window)
    : QFrame(window, Qt::Popup),
      m_commands(std::move(commands)),
      m_query(new QLineEdit(this)),
      m_list(new QListWidget(this)),
      m_nothing(new QLabel(tr("Nothing of the kind can be done here"), this)) {
  setAttribute(Qt::WA_DeleteOnClose);
  setRole(this, "card");
  setAccessibleName(tr("Command palette"));
  m_query->setPlaceholderText(tr("Type what you want to do"));
  m_query->setAccessibleName(tr("Search commands"));
  m_query->installEventFilter(this);
  m_list->setFocusPolicy(Qt::NoFocus);
  m_list->setAccessibleName(tr("Commands"));
  m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 8, 8, 8);
  column->addWidget(m_query);
  column->addWidget(m_list);
  setRole(m_nothing, "muted");
  m_nothing->setContentsMargins(8, 4, 8, 4);
  column->addWidget(m_nothing);
  setFixedWidth(kWidthPx);
  connect(m_query, &QLineEdit::textChanged, this, &CommandPalette::refresh);
  connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::choose);
  refresh();
}

void CommandPalette::open() {
  const QWidget* window = parentWidget();
  move(window->mapToGlobal(QPoint((window->width() - kWidthPx) / 2, 96)));
  show();
  m_query->setFocus();
}

void CommandPalette::refresh() {
  std::vector<std::pair<int, std::size_t>> ranked;
  for (std::size_t i = 0; i < m_commands.size(); ++i) {
    const int score = m_query->text().trimmed().isEmpty() ? 0 : matchScore(m_query->text(), m_commands[i].text);
    if (score >= 0 || m_query->text().trimmed().isEmpty()) ranked.emplace_back(score, i);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  m_list->clear();
  for (const auto& [score, index] : ranked) {
    auto* item = new QListWidgetItem(m_list);
    item->setData(Qt::UserRole, static_cast<qulonglong>(index));
    item->setData(Qt::AccessibleTextRole, m_commands[index].text);
    item->setSizeHint(QSize(kWidthPx - 30, kRowHeightPx));
    auto* row = new QWidget(m_list);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(8, 0, 8, 0);
    layout->addWidget(new QLabel(m_commands[index].text, row), 1);
    auto* keys = new QLabel(m_commands[index].keys, row);
    setRole(keys, "muted");
    layout->addWidget(keys);
    m_list->setItemWidget(item, row);
  }
  m_list->setCurrentRow(0);
  m_list->setFixedHeight(std::clamp(m_list->count(), 1, kRows) * kRowHeightPx + 2);
  m_list->setVisible(m_list->count() > 0);
  m_nothing->setVisible(m_list->count() == 0);
  adjustSize();
}

void CommandPalette::choose() {
  const QListWidgetItem* item = m_list->currentItem();
  if (!item) return;
  const auto run = m_commands[static_cast<std::size_t>(item->data(Qt::UserRole).toULongLong())].run;
  close();
  run();
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched != m_query || event->type() != QEvent::KeyPress) return QFrame::eventFilter(watched, event);
  const int key = static_cast<QKeyEvent*>(event)->key();
  const int rows = m_list->count();
  if (key == Qt::Key_Return || key == Qt::Key_Enter) {
    choose();
  } else if (key == Qt::Key_Down && rows > 0) {
    m_list->setCurrentRow((m_list->currentRow() + 1) % rows);
  } else if (key == Qt::Key_Up && rows > 0) {
    m_list->setCurrentRow((m_list->currentRow() + rows - 1) % rows);
  } else {
    return false;
  }
  return true;
}

}  // namespace cubeloom
