// SPDX-License-Identifier: GPL-3.0-or-later
// A value over the time of a run: stacked areas or lines, with limits, on the shared time axis.
#pragma once

#include <QWidget>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "ui/charts/chart_frame.h"
#include "ui/charts/chart_style.h"
#include "ui/charts/sample_table.h"
#include "ui/charts/time_axis.h"

namespace cubeloom {

/// How one column of the samples is drawn. Stacked ones lie on each other in order, below the lines.
struct Curve {
  QString name;
  QColor ChartStyle::*color = &ChartStyle::read;
  bool isStacked = false;
  double strength = 1;                      ///< of the fill: 1 full colour, 0 ground
  Qt::BrushStyle brush = Qt::SolidPattern;  ///< second channel of an area
  Qt::PenStyle pen = Qt::SolidLine;         ///< second channel of a line
};

/// A horizontal line with its words. One far above the data is drawn at the top edge and says so.
struct LimitLine {
  QString label;
  double value = 0;
  QColor ChartStyle::*color = &ChartStyle::failed;
  Qt::PenStyle pen = Qt::SolidLine;
  bool isFarAllowed = false;  ///< may be pinned to the top edge instead of stretching the axis
};

/// A point of the data with its words: the peak.
struct PointMark {
  QString label;
  double t = 0, value = 0;
};

/// GUI thread only. Samples are appended, never set anew; hidden charts don't replot.
class TimeChart : public QWidget {
  Q_OBJECT
 public:
  enum class Unit { MiB, Cores, MiBPerSecond };
  TimeChart(TimeAxis& axis, Unit unit, std::vector<Curve> curves, QWidget* parent = nullptr);
  ~TimeChart() override;

  void setStyleOf(const ChartStyle& style);
  /// Other curves in place of those that it has; what was drawn goes.
  void setCurves(std::vector<Curve> curves);
  /// Time labels below and more ticks: for a chart that has the page to itself.
  void setDetailed(bool detailed);
  /// Lines of a limit; drawn in order.
  void setLimits(const std::vector<LimitLine>& limits);
  void setMark(const PointMark& mark);
  /// Keeps the value axis at 0…top; 0: it grows with the data.
  void setFixedTop(double top);
  void clear();
  /// One value per curve, in bytes, cores or bytes per second. Drawn a few times a second, however often samples come.
  void append(double t, std::span<const double> values);
  /// Draws what has not been drawn yet.
  void flush();
  const SampleTable& samples() const;
  /// Upper end of the value axis, in the samples' unit.
  double top() const;
  /// Times that the plot has been redrawn; for tests of "not while hidden".
  int replots() const;
  /// The curves' names with their marks in the present style.
  std::vector<LegendItem> legend() const;
  std::size_t curveCount() const;
  QString toCsv() const;
  /// As lines and letters: PDF, or SVG by the name's ending.
  bool saveDrawing(const QString& path) const;

  QSize sizeHint() const override { return {236, 120}; }
  QSize minimumSizeHint() const override { return {120, 40}; }

 protected:
  void showEvent(QShowEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Private;
  std::unique_ptr<Private> m_private;
};

}  // namespace cubeloom
