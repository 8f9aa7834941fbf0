// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/browser/row_delegate.h"

#include <QApplication>
#include <QPainter>
#include <algorithm>

#include "ui/browser/browser_model.h"
#include "ui/theme/theme.h"

namespace cubeloom {

QSize RowDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const {
  return {QStyledItemDelegate::sizeHint(option, index).width(), 25};
}

void RowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  QStyleOptionViewItem base = option;
  initStyleOption(&base, index);
  const QString name = base.text;
  base.text.clear();
  (base.widget ? base.widget->style() : QApplication::style())->drawControl(QStyle::CE_ItemViewItem, &base, painter, base.widget);
  const auto state = static_cast<HeaderState>(index.data(BrowserModel::StateRole).toInt());
  const bool failed = state == HeaderState::Unsupported, waiting = state == HeaderState::NotAnswering;
  const bool isNote = index.data(BrowserModel::KindRole).toInt() == BrowserModel::Note;
  const QString note = isNote ? QString() : index.data(BrowserModel::NoteRole).toString();
  const QRect row = option.rect.adjusted(3, 0, -8, 0);
  painter->save();
  painter->setFont(theme().font(11));
  // The name is what a row is known by: where both cannot be whole, it gets more of the room.
  const int wanted = note.isEmpty() ? 0 : painter->fontMetrics().horizontalAdvance(note) + 4;
  const QFont nameFont = theme().font(isNote ? 11 : 13, option.state.testFlag(QStyle::State_Selected));
  const int nameWanted = QFontMetrics(nameFont).horizontalAdvance(name) + 8;
  const int noteWidth = std::min(wanted, std::max(row.width() - nameWanted, row.width() * 2 / 5));
  painter->setPen(color(failed ? Token::Failed : waiting ? Token::WarningText : Token::Muted));
  painter->drawText(QRect(row.right() - noteWidth, row.top(), noteWidth, row.height()), Qt::AlignVCenter | Qt::AlignRight,
                    painter->fontMetrics().elidedText(note, Qt::ElideRight, noteWidth));
  painter->setFont(nameFont);
  if (!isNote) painter->setPen(color(index.data(BrowserModel::ProblemRole).toString().isEmpty() ? Token::Text : Token::Muted));
  const int nameWidth = row.width() - noteWidth - (noteWidth > 0 ? 8 : 0);
  painter->drawText(QRect(row.left(), row.top(), nameWidth, row.height()), Qt::AlignVCenter | Qt::AlignLeft,
                    painter->fontMetrics().elidedText(name, isNote ? Qt::ElideRight : Qt::ElideMiddle, nameWidth));
  painter->restore();
}

}  // namespace cubeloom
