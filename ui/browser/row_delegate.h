// SPDX-License-Identifier: GPL-3.0-or-later
// How a row of the tree is drawn: its name at the left, elided in the middle, and size or state in small grey at the right.
#pragma once

#include <QStyledItemDelegate>

namespace cubeloom {

class RowDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 protected:
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

}  // namespace cubeloom
