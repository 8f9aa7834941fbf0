// SPDX-License-Identifier: GPL-3.0-or-later
// Everything a run has told, kept until the next one begins: the monitor's model, fed by a session, a test or a replay alike.
#pragma once

#include <QMap>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/system.h"
#include "engine/plan/plan.h"
#include "engine/run/events.h"
#include "engine/run/run.h"
#include "ui/charts/task_lanes.h"

namespace cubeloom {

/// What is known before the first chunk.
struct RunFacts {
  struct Stage {
    QString node;  ///< what it computes
    std::int64_t chunks = 0;
  };
  QStringList nodes;  ///< ids by graph index, as in ChunkEvent::node
  QStringList names;  ///< what people call them, likewise
  std::vector<Stage> stages;
  int workers = 1;
  double cores = 1;  ///< usable by the process
  double budgetBytes = 0, predictedPeakBytes = 0, plannedReadBytes = 0;
  QStringList warnings;
  QString cluster;  ///< address of the scheduler whose workers make it; empty: this computer

  /// Of a node's id; the id itself where no name is known.
  QString nameOf(const QString& node) const { return names.value(static_cast<int>(nodes.indexOf(node)), node); }
};
RunFacts runFactsOf(const Plan& plan, const SystemFacts& system);

enum class LogLevel { Info, Warning, Error };
struct LogLine {
  double t = 0;
  LogLevel level = LogLevel::Info;
  QString node, text;
};

/// The state of one chunk, from its last event.
struct ChunkCell {
  ChunkState state = ChunkState::Waiting;
  std::int16_t worker = -1;
  float start = 0, end = 0;
};

/// GUI thread only.
class RunHistory : public QObject {
  Q_OBJECT
 public:
  explicit RunHistory(QObject* parent = nullptr);

  void begin(const RunFacts& facts);
  void take(const Snapshot& snapshot, std::span<const ChunkEvent> events);
  void finish(const RunReport& report);
  void setPaused(bool paused);
  void note(LogLevel level, const QString& node, const QString& text);

  bool hasRun() const { return m_hasRun; }
  bool isRunning() const { return m_hasRun && !m_report; }
  bool isPaused() const { return m_paused; }
  const RunFacts& facts() const { return m_facts; }
  const Snapshot& snapshot() const { return m_snapshot; }
  const std::optional<RunReport>& report() const { return m_report; }
  const TaskLanes& lanes() const { return m_lanes; }
  /// Of a run on a cluster: "w2", or "w2.3" for the third thread of its second worker.
  const QMap<int, QString>& laneNames() const { return m_laneNames; }
  const std::vector<LogLine>& log() const { return m_log; }
  /// By stage, then chunk.
  const std::vector<std::vector<ChunkCell>>& chunks() const { return m_chunks; }
  double peakRssBytes() const { return m_peakRss; }
  /// What goes on or how it ended, in one line; empty before the first run.
  QString headline() const;
  /// Bytes a second through a node over the last two seconds; once it is done, over the time it took.
  double rateOf(std::size_t node) const;
  /// When the run will be over as far as can be told, in seconds since its start; 0: unknown.
  double expectedEnd() const;
  /// Shares of the workers' busy time: reading, computing, writing. All 0 before the first task.
  std::array<double, 3> busyShares() const;

 signals:
  void begun();
  void taken();
  /// After taken(): what shows it should be renewed. A few times a second, however often it is fed, and once more after the last time.
  void shown();
  void logged();
  void finished();

 private:
  /// What the whole was predicted to read; 0 for a run that went on where another had ended.
  double predictedRead() const;
  void takeEvent(const ChunkEvent& event);
  void takeNodes();
  void watchForStall();
  void show();

  struct RatePoint {
    double t = 0, bytes = 0;
  };
  RunFacts m_facts;
  Snapshot m_snapshot;
  std::optional<RunReport> m_report;
  TaskLanes m_lanes;
  QMap<int, QString> m_laneNames;
  std::vector<std::vector<ChunkCell>> m_chunks;
  std::vector<LogLine> m_log;
  std::vector<std::deque<RatePoint>> m_rates;
  std::vector<bool> m_nodeDone;
  std::array<double, 3> m_busySeconds{};
  std::int64_t m_chunkFailures = 0;
  double m_peakRss = 0, m_lastDoneAt = 0, m_chunkSeconds = 0;
  std::int64_t m_chunksTimed = 0;
  QTimer m_pace;
  double m_shownAt = -1;
  bool m_hasRun = false, m_paused = false, m_stallTold = false;
};

}  // namespace cubeloom
