// SPDX-License-Identifier: GPL-3.0-or-later
// The timeline: what every worker did when, from the whole run down to a microsecond, for millions of tasks.
#pragma once

#include <QImage>
#include <QMap>
#include <QStringList>
#include <QWidget>
#include <optional>
#include <vector>

#include "ui/charts/chart_style.h"
#include "ui/charts/task_lanes.h"
#include "ui/charts/time_axis.h"

namespace cubeloom {

/// A task that is not over.
struct OpenTask {
  int lane = 0;
  double start = 0;
  std::int64_t chunk = 0;
  bool isWriting = false;
};

/// Shows lanes it does not own. Wheel zooms, left drag measures, Ctrl+drag restricts, Shift or middle drag pans, W A S D Home Space as
/// TimeAxis has them.
class Timeline : public QWidget {
  Q_OBJECT
 public:
  Timeline(const TaskLanes& lanes, TimeAxis& axis, QWidget* parent = nullptr);

  void setStyleOf(const ChartStyle& style);
  /// Names of the operations, by LaneTask::node.
  void setNames(const QStringList& names) { m_names = names; }
  /// Names of lanes that have one of their own; the others are "w1", "w2"…
  void setLaneNames(const QMap<int, QString>& names) { m_laneNames = names; }
  /// What is being worked on: bars without an end, up to now.
  void setOpen(std::vector<OpenTask> open) {
    if (open.size() != m_open.size()) m_drawnNow = -1;  // seen at once
    m_open = std::move(open);
  }
  /// The lanes have changed. Nothing is painted while the widget is hidden or the axis is held.
  void refresh();
  /// "reproject · chunk 17 · computing · 12.3 ms · from 1.204 s"; empty where nothing runs.
  QString describe(QPoint position) const;
  /// What the measured range holds; empty without one.
  QString measureText() const;
  QString toCsv() const;

  QSize minimumSizeHint() const override { return {160, 60}; }
  QSize sizeHint() const override { return {520, 160}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void leaveEvent(QEvent* event) override;
  bool event(QEvent* event) override;

 private:
  QRect plotRect() const;
  double timeAt(double x) const;
  double xOf(double t) const;
  int laneAt(int y) const;
  QString laneName(int lane) const { return m_laneNames.value(lane, QStringLiteral("w%1").arg(lane + 1)); }
  int labelWidth() const;
  void invalidate();
  void paintLabels(QPainter& painter, const QRect& plot) const;
  void paintAxis(QPainter& painter, const QRect& plot) const;
  void paintOpen(QPainter& painter, const QRect& plot) const;
  void paintMarks(QPainter& painter, const QRect& plot) const;
  const OpenTask* openAt(int lane, double t) const;

  const TaskLanes& m_lanes;
  TimeAxis& m_axis;
  ChartStyle m_style;
  QStringList m_names;
  QMap<int, QString> m_laneNames;
  std::vector<OpenTask> m_open;
  QImage m_image;
  bool m_isStale = true;
  double m_drawnNow = -1;  ///< the time of the run up to which the picture goes
  enum class Drag { None, Measure, Restrict, Pan } m_drag = Drag::None;
  double m_dragX = 0;
  std::optional<std::pair<double, double>> m_measure;
};

}  // namespace cubeloom
