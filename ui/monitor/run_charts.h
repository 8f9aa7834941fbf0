// SPDX-License-Identifier: GPL-3.0-or-later
// The four charts of a run in their frames, fed from its history, on one time axis.
#pragma once

#include <QObject>

#include "ui/charts/chart_frame.h"
#include "ui/charts/time_chart.h"
#include "ui/charts/timeline.h"
#include "ui/monitor/run_history.h"

namespace cubeloom {

class RunCharts : public QObject {
  Q_OBJECT
 public:
  RunCharts(const RunHistory& history, QWidget* parent);

  TimeAxis& axis() { return m_axis; }
  ChartFrame* timeline() { return m_timelineFrame; }
  ChartFrame* memory() { return m_memoryFrame; }
  ChartFrame* cpu() { return m_cpuFrame; }
  ChartFrame* io() { return m_ioFrame; }
  /// The chart that has the page to itself gets time labels; null: none.
  void setDetailed(const ChartFrame* frame);

 private:
  void begin();
  void take();
  void show();
  void finish();
  void restyle();
  void showReadouts();
  void updateLimits();
  void showMemoryLegend();
  void showNote();
  double cores() const;

  const RunHistory& m_history;
  TimeAxis m_axis;
  Timeline* m_timeline = nullptr;
  TimeChart* m_memory = nullptr;
  TimeChart* m_cpu = nullptr;
  TimeChart* m_io = nullptr;
  ChartFrame* m_timelineFrame = nullptr;
  ChartFrame* m_memoryFrame = nullptr;
  ChartFrame* m_cpuFrame = nullptr;
  ChartFrame* m_ioFrame = nullptr;
  double m_peakShown = 0;
  bool m_isByWorker = false;  ///< the memory chart: of a run on a cluster
  std::size_t m_bands = 0;    ///< workers that it shows
};

}  // namespace cubeloom
