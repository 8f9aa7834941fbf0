// SPDX-License-Identifier: GPL-3.0-or-later
// Columns of a table over its lines: curves over numbers and dates, bars over names.
#pragma once

#include <QStringList>
#include <QWidget>
#include <memory>
#include <vector>

#include "ui/charts/chart_frame.h"
#include "ui/charts/chart_style.h"

namespace cubeloom {

/// One column; NaN is a gap.
struct PlottedColumn {
  QString name;
  QColor color;
  std::vector<double> values;
};

/// What the columns are plotted over.
struct PlottedLines {
  QString name;
  QStringList entries;
  std::vector<double> positions;  ///< numbers, or seconds since 1970; empty: the entries are names
  bool areDates = false;
};

/// GUI thread only.
class TablePlot : public QWidget {
  Q_OBJECT
 public:
  explicit TablePlot(QWidget* parent = nullptr);
  ~TablePlot() override;

  void setStyleOf(const ChartStyle& style);
  void setData(const PlottedLines& lines, std::vector<PlottedColumn> columns, const QString& unit);
  std::vector<LegendItem> legend() const;
  /// What stands below the axis at the width that the plot has now.
  QStringList namesShown() const;
  /// PDF, or SVG by the name's ending.
  bool saveDrawing(const QString& path) const;

  QSize sizeHint() const override { return {320, 220}; }
  QSize minimumSizeHint() const override { return {160, 80}; }

 private:
  struct Private;
  std::unique_ptr<Private> m_private;
};

}  // namespace cubeloom
