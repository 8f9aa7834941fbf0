// SPDX-License-Identifier: GPL-3.0-or-later
// A table's values for a view: the entries of the lines, what is told beside them, then the values.
#pragma once

#include <QAbstractTableModel>
#include <memory>

#include "ui/table/table_values.h"

namespace cubeloom {

/// GUI thread only.
class TableModel : public QAbstractTableModel {
 public:
  using QAbstractTableModel::QAbstractTableModel;

  void setValues(std::shared_ptr<const TableValues> values);
  const TableValues* values() const { return m_values.get(); }
  /// The column of values at `section`; negative: it tells of the lines.
  int valueColumn(int section) const { return section - firstValue(); }

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 private:
  int firstValue() const { return m_values ? 1 + static_cast<int>(m_values->layout().besideNames.size()) : 0; }

  std::shared_ptr<const TableValues> m_values;
};

}  // namespace cubeloom
