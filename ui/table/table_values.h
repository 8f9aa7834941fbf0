// SPDX-License-Identifier: GPL-3.0-or-later
// An array without rows and columns of pixels as a table: lines along its longest dim, a column for each entry of the others.
#pragma once

#include <QString>
#include <QStringList>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/array/block.h"
#include "engine/array/table_cells.h"

namespace cubeloom {

/// What a table has down its side or in its head.
struct TableAxis {
  QString name;                   ///< "wavelength (nm)"; "zone · statistic" where several dims make it
  QStringList entries;            ///< "865", "2022-02-24", "mean"
  std::vector<double> positions;  ///< numbers, or seconds since 1970 of dates; empty: the entries are names
  bool areDates = false;
};

/// Where the values of an array stand in its table.
struct TableLayout {
  TableAxis lines, columns;
  std::vector<std::int64_t> lineOffset, columnOffset;  ///< in elements of the array in its own order
  std::vector<int> plotted;                            ///< columns that are worth a first look: quantities of one kind
  /// What is told of each line beside its own entry: names of columns, and their cells.
  QStringList besideNames;
  std::vector<QStringList> beside;
};

/// The most that a table shows; what is larger is looked at as a picture, or reduced first.
constexpr std::int64_t kMostTableCells = 1000000, kMostTableColumns = 1000;

/// Whether an array is shown as a table: it has no rows and columns of pixels, and no more cells than one can look through.
bool isTable(const ArraySpec& spec);
/// For an array that isTable().
TableLayout layoutTable(const ArraySpec& spec);

/// A table with its values. Immutable: any thread.
class TableValues {
 public:
  /// `values` holds the array of `spec`, which isTable(); it is copied.
  TableValues(const ArraySpec& spec, const BlockView& values);

  const TableLayout& layout() const { return m_layout; }
  const QString& unit() const { return m_unit; }
  int lines() const { return static_cast<int>(m_layout.lineOffset.size()); }
  int columns() const { return static_cast<int>(m_layout.columnOffset.size()); }
  /// NaN where there is no value.
  double number(int line, int column) const;
  /// The shortest that reads back as the value; empty where there is none.
  QString text(int line, int column) const;
  /// With a comma between the cells, as RFC 4180 quotes them; of those lines and columns alone, where there are any.
  QString toText(QChar comma, std::vector<int> lines = {}, std::vector<int> columns = {}) const;

 private:
  const std::byte* at(int line, int column) const;

  TableLayout m_layout;
  QString m_unit;
  ValueCells m_cells;
  std::size_t m_elementBytes;
  std::vector<std::byte> m_values;
};

}  // namespace cubeloom
