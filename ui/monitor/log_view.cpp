// SPDX-License-Identifier: GPL-3.0-or-later
// Log model and table.
#include "ui/monitor/log_view.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <algorithm>

#include "ui/theme/theme.h"

namespace cubeloom {
namespace {

QString levelText(LogLevel level) {
  switch (level) {
    case LogLevel::Info: return QObject::tr("info");
    case LogLevel::Warning: return QObject::tr("! warning");
    case LogLevel::Error: return QObject::tr("✕ error");
  }
  return {};
}

QString cellText(const RunHistory& history, const LogLine& line, int column) {
  switch (column) {
    case LogModel::Time: return QString::number(line.t, 'f', 3) + QStringLiteral(" s");
    case LogModel::Level: return levelText(line.level);
    case LogModel::Node: return history.facts().nameOf(line.node);
    default: return line.text;
  }
}

}  // namespace

LogModel::LogModel(const RunHistory& history, QObject* parent) : QAbstractTableModel(parent), m_history(history) {
  connect(&history, &RunHistory::begun, this, [this] {
    beginResetModel();
    m_rows = 0;
    endResetModel();
  });
  connect(&history, &RunHistory::logged, this, &LogModel::takeNewLines);
  takeNewLines();
}

void LogModel::takeNewLines() {
  const int rows = static_cast<int>(m_history.log().size());
  if (rows <= m_rows) return;
  beginInsertRows({}, m_rows, rows - 1);
  m_rows = rows;
  endInsertRows();
}

int LogModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : m_rows; }
int LogModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant LogModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= m_rows) return {};
  const LogLine& line = m_history.log()[static_cast<std::size_t>(index.row())];
  if (role == Qt::DisplayRole || role == Qt::ToolTipRole) return cellText(m_history, line, index.column());
  if (role == Qt::ForegroundRole) {
    if (line.level == LogLevel::Error && index.column() != Time) return color(Token::Failed);
    if (line.level == LogLevel::Warning && index.column() == Level) return color(Token::WarningText);
    if (index.column() != Text) return color(Token::Muted);
  }
  return {};
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
  switch (section) {
    case Time: return tr("Time");
    case Level: return tr("Level");
    case Node: return tr("Step");
    default: return tr("Text");
  }
}

QString LogModel::text(QList<int> rows) const {
  if (rows.isEmpty()) {
    for (int row = 0; row < m_rows; ++row) rows << row;
  }
  std::sort(rows.begin(), rows.end());
  QString all;
  for (const int row : rows) {
    QStringList cells;
    for (int column = 0; column < ColumnCount; ++column)
      cells << cellText(m_history, m_history.log()[static_cast<std::size_t>(row)], column);
    all += cells.join(QLatin1Char('\t')) + QLatin1Char('\n');
  }
  return all;
}

LogView::LogView(const RunHistory& history, QWidget* parent) : QTableView(parent), m_model(new LogModel(history, this)) {
  setModel(m_model);
  setAccessibleName(tr("Log of the run"));
  setSelectionBehavior(SelectRows);
  setShowGrid(false);
  setWordWrap(false);
  verticalHeader()->hide();
  verticalHeader()->setDefaultSectionSize(24);
  horizontalHeader()->setStretchLastSection(true);
  horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  horizontalHeader()->setHighlightSections(false);
  setColumnWidth(LogModel::Time, 90);
  setColumnWidth(LogModel::Level, 90);
  setColumnWidth(LogModel::Node, 130);
  connect(m_model, &QAbstractItemModel::rowsAboutToBeInserted, this, [this] {
    const bool atEnd = verticalScrollBar()->value() == verticalScrollBar()->maximum();
    setProperty("followsEnd", atEnd);
  });
  connect(m_model, &QAbstractItemModel::rowsInserted, this, [this] {
    if (property("followsEnd").toBool()) scrollToBottom();
  });
}

void LogView::copySelection() const {
  QList<int> rows;
  for (const QModelIndex& index : selectionModel()->selectedRows()) rows << index.row();
  QApplication::clipboard()->setText(m_model->text(rows));
}

void LogView::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) {
    copySelection();
  } else {
    QTableView::keyPressEvent(event);
  }
}

void LogView::contextMenuEvent(QContextMenuEvent* event) {
  QMenu menu(this);
  menu.addAction(tr("Copy"), QKeySequence::Copy, this, &LogView::copySelection)->setEnabled(selectionModel()->hasSelection());
  menu.addAction(tr("Copy all"), this, [this] { QApplication::clipboard()->setText(m_model->text({})); });
  menu.exec(event->globalPos());
}

}  // namespace cubeloom
