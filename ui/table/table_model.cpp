// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/table/table_model.h"

#include "ui/theme/theme.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

constexpr int kShownDigits = 6;
constexpr qsizetype kMostLetters = 26;

/// An entry of each dim on a line of its own; the middle of a long one is left out.
QString headText(const QString& entries) {
  QStringList lines = entries.split(QStringLiteral(" · "));
  for (QString& line : lines)
    if (line.size() > kMostLetters) line = line.first(kMostLetters / 2) + QStringLiteral("…") + line.last(kMostLetters / 2 - 1);
  return lines.join(u'\n');
}

}  // namespace

void TableModel::setValues(std::shared_ptr<const TableValues> values) {
  beginResetModel();
  m_values = std::move(values);
  endResetModel();
}

int TableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() || !m_values ? 0 : m_values->lines(); }

int TableModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() || !m_values ? 0 : firstValue() + m_values->columns();
}

QVariant TableModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || !m_values) return {};
  const int column = valueColumn(index.column());
  if (role == Qt::TextAlignmentRole && column >= 0) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
  if (role == Qt::ForegroundRole && column < 0) return color(Token::Muted);
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
  if (column < 0) {
    const TableLayout& layout = m_values->layout();
    return index.column() == 0 ? layout.lines.entries[index.row()]
                               : layout.beside[static_cast<std::size_t>(index.column() - 1)][index.row()];
  }
  const QString exact = m_values->text(index.row(), column);
  if (role == Qt::ToolTipRole) return exact.isEmpty() ? tr("no data") : exact;
  // Whole numbers are shown as they are; of others the tooltip and every copy have all digits.
  if (exact.size() <= kShownDigits + 2 || !exact.contains(u'.')) return exact;
  return significantText(m_values->number(index.row(), column), kShownDigits);
}

QVariant TableModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (!m_values || orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return QVariant((valueColumn(section) < 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
  const TableLayout& layout = m_values->layout();
  const int column = valueColumn(section);
  if (column < 0) return section == 0 ? layout.lines.name : layout.besideNames[section - 1];
  const QString& entry = layout.columns.entries[column];
  if (role == Qt::DisplayRole) return headText(entry);
  return layout.columns.name.isEmpty() ? entry : layout.columns.name + QStringLiteral(": ") + entry;
}

}  // namespace cubeloom
