// SPDX-License-Identifier: GPL-3.0-or-later
// Turns snapshots and chunk events into lanes, chunk states, rates and log lines.
#include "ui/monitor/run_history.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "ui/words/chain_text.h"
#include "ui/words/number_text.h"
#include "ui/words/run_text.h"

namespace cubeloom {
namespace {

constexpr double kRateSeconds = 2;
constexpr double kShowSeconds = 0.24;       ///< nobody reads numbers faster
constexpr double kStallSeconds = 30;        // workbench.md section 9
constexpr std::int64_t kFailureLines = 20;  // more of the same are counted in the report's errors

/// The bar that a finished phase leaves on the timeline.
std::optional<TaskKind> kindOf(const ChunkEvent& event) {
  switch (event.phase) {
    case ChunkState::Reading: return TaskKind::Read;
    case ChunkState::Computing: return TaskKind::Compute;
    case ChunkState::Writing: return TaskKind::Write;
    case ChunkState::Failed: return TaskKind::Failed;
    default: return std::nullopt;  // the record of a whole chunk: its phases have been drawn
  }
}

/// The state a chunk is in after a phase has ended.
ChunkState stateAfter(ChunkState phase) {
  switch (phase) {
    case ChunkState::Reading: return ChunkState::Computing;
    case ChunkState::Computing: return ChunkState::Writing;
    case ChunkState::Writing: return ChunkState::Done;
    default: return phase;
  }
}

}  // namespace

RunFacts runFactsOf(const Plan& plan, const SystemFacts& system) {
  RunFacts facts;
  for (const BoundNode& node : plan.graph->nodes) {
    if (node.partOf >= 0) continue;
    facts.nodes << QString::fromStdString(node.id);
    facts.names << stepText(QString::fromStdString(node.title), node.op, node.id);
  }
  for (const Stage& stage : plan.stages) {
    const int named = plan.graph->shown(stage.sinkNode >= 0 ? stage.sinkNode : stage.node);
    facts.stages.push_back({facts.nodes.value(named), stage.chunks.count()});
  }
  facts.workers = plan.workers;
  facts.cores = system.quotaCores > 0 ? std::min<double>(system.affinityCores, system.quotaCores) : system.affinityCores;
  facts.budgetBytes = static_cast<double>(plan.memoryBudgetBytes);
  facts.predictedPeakBytes = plan.projectedPeakBytes;
  facts.plannedReadBytes = plan.bytesToRead;
  for (const PlanWarning& warning : plan.warnings) {
    const QString text = QString::fromStdString(warning.message);
    facts.warnings << (warning.node.empty() ? text : facts.nameOf(QString::fromStdString(warning.node)) + QStringLiteral(": ") + text);
  }
  return facts;
}

RunHistory::RunHistory(QObject* parent) : QObject(parent) {
  m_pace.setSingleShot(true);
  m_pace.setInterval(static_cast<int>(kShowSeconds * 1000));
  connect(&m_pace, &QTimer::timeout, this, &RunHistory::show);
}

void RunHistory::show() {
  m_pace.stop();
  m_shownAt = m_snapshot.t;
  Q_EMIT shown();
}

void RunHistory::begin(const RunFacts& facts) {
  m_facts = facts;
  m_snapshot = {};
  m_snapshot.workers = facts.workers;
  m_report.reset();
  m_lanes.clear();
  m_laneNames.clear();
  m_lanes.setLaneCount(facts.workers);
  m_chunks.clear();
  for (const RunFacts::Stage& stage : facts.stages)
    m_chunks.emplace_back(static_cast<std::size_t>(std::max<std::int64_t>(0, stage.chunks)));
  m_log.clear();
  m_rates.clear();
  m_nodeDone.clear();
  m_busySeconds.fill(0);
  m_chunkFailures = m_chunksTimed = 0;
  m_peakRss = m_lastDoneAt = m_chunkSeconds = 0;
  m_hasRun = true;
  m_shownAt = -1;
  m_paused = m_stallTold = false;
  Q_EMIT begun();
  if (!facts.cluster.isEmpty()) {
    note(LogLevel::Info, {}, tr("started on the cluster at %1 · %2 to read").arg(facts.cluster, sizeText(facts.plannedReadBytes)));
    for (const QString& warning : facts.warnings) note(LogLevel::Warning, {}, warning);
    return;
  }
  note(LogLevel::Info, {},
       tr("started: %1 · budget %2 · predicted peak %3 · %4 to read")
           .arg(facts.workers == 1 ? tr("1 worker") : tr("%1 workers").arg(facts.workers), sizeText(facts.budgetBytes),
                sizeText(facts.predictedPeakBytes), sizeText(facts.plannedReadBytes)));
  for (const QString& warning : facts.warnings) note(LogLevel::Warning, {}, warning);
}

void RunHistory::take(const Snapshot& snapshot, std::span<const ChunkEvent> events) {
  if (!m_hasRun) return;
  if (snapshot.workers != m_snapshot.workers && m_snapshot.workers > 0 && snapshot.workers > 0) {
    m_snapshot.t = snapshot.t;
    // Of a cluster it is known from its own words.
    if (m_facts.cluster.isEmpty()) note(LogLevel::Info, {}, tr("workers: %1, from the next chunk on").arg(snapshot.workers));
  }
  m_snapshot = snapshot;
  m_laneNames.clear();
  for (std::size_t worker = 0; worker < snapshot.cluster.size(); ++worker) {
    const std::vector<int>& lanes = snapshot.cluster[worker].lanes;
    for (std::size_t thread = 0; thread < lanes.size(); ++thread)
      m_laneNames[lanes[thread]] =
          lanes.size() == 1 ? QStringLiteral("w%1").arg(worker + 1) : QStringLiteral("w%1.%2").arg(worker + 1).arg(thread + 1);
  }
  m_peakRss = std::max(m_peakRss, snapshot.rssBytes);
  m_lanes.setLaneCount(snapshot.workers);
  for (const ChunkEvent& event : events) takeEvent(event);
  takeNodes();
  watchForStall();
  Q_EMIT taken();
  if (m_shownAt < 0 || std::abs(m_snapshot.t - m_shownAt) >= kShowSeconds)
    show();
  else if (!m_pace.isActive())
    m_pace.start();
}

void RunHistory::takeEvent(const ChunkEvent& event) {
  if (const auto kind = kindOf(event)) {
    LaneTask task;
    task.start = event.start;
    task.seconds = static_cast<float>(std::max(0.0, event.end - event.start));
    task.chunk = static_cast<std::uint32_t>(std::clamp<std::int64_t>(event.index, 0, std::numeric_limits<std::uint32_t>::max()));
    task.node = static_cast<std::int16_t>(event.node);
    task.stage = static_cast<std::int16_t>(event.stage);
    task.kind = *kind;
    m_lanes.add(event.worker, task);
    if (*kind != TaskKind::Failed) m_busySeconds[static_cast<std::size_t>(*kind)] += event.end - event.start;
  }
  if (event.phase == ChunkState::Failed && ++m_chunkFailures <= kFailureLines) {
    note(LogLevel::Error, m_facts.nodes.value(event.node), tr("chunk %1 failed on worker %2").arg(event.index).arg(event.worker + 1));
  }
  if (event.stage < 0 || static_cast<std::size_t>(event.stage) >= m_chunks.size()) return;
  auto& cells = m_chunks[static_cast<std::size_t>(event.stage)];
  if (event.index < 0 || static_cast<std::size_t>(event.index) >= cells.size()) return;
  ChunkCell& cell = cells[static_cast<std::size_t>(event.index)];
  const ChunkState next = stateAfter(event.phase);
  if (cell.worker < 0) cell.start = static_cast<float>(event.start);
  if (next == ChunkState::Done && cell.state != ChunkState::Done) {
    m_lastDoneAt = std::max(m_lastDoneAt, event.end);
    m_chunkSeconds += event.end - static_cast<double>(cell.start);
    ++m_chunksTimed;
    m_stallTold = false;
  }
  // Parts of one chunk report on their own: what is over stays over.
  if (cell.state != ChunkState::Failed && (cell.state != ChunkState::Done || next == ChunkState::Failed)) cell.state = next;
  cell.worker = static_cast<std::int16_t>(event.worker);
  cell.end = static_cast<float>(event.end);
}

void RunHistory::takeNodes() {
  const auto& nodes = m_snapshot.nodes;
  m_rates.resize(nodes.size());
  m_nodeDone.resize(nodes.size(), false);
  for (std::size_t n = 0; n < nodes.size(); ++n) {
    auto& points = m_rates[n];
    points.push_back({m_snapshot.t, std::max(nodes[n].bytesIn, nodes[n].bytesOut)});
    while (points.size() > 2 && points[1].t < m_snapshot.t - kRateSeconds) points.pop_front();
    if (m_nodeDone[n] || nodes[n].chunksTotal <= 0 || nodes[n].chunksDone < nodes[n].chunksTotal) continue;
    m_nodeDone[n] = true;
    if (nodes[n].isView) continue;
    note(LogLevel::Info, QString::fromStdString(nodes[n].id),
         tr("done: %1 chunks, %2 in, %3 out").arg(nodes[n].chunksTotal).arg(sizeText(nodes[n].bytesIn), sizeText(nodes[n].bytesOut)));
  }
}

QString RunHistory::headline() const {
  if (!m_hasRun) return {};
  return m_report ? finishText(*m_report, predictedRead()) : headlineText(m_snapshot, m_paused, m_facts.plannedReadBytes);
}

void RunHistory::watchForStall() {
  if (m_paused || m_stallTold || m_snapshot.finished) return;
  const double mean = m_chunksTimed > 0 ? m_chunkSeconds / static_cast<double>(m_chunksTimed) : 0;
  const double silent = m_snapshot.t - m_lastDoneAt;
  if (silent < std::max(kStallSeconds, 5 * mean)) return;
  m_stallTold = true;
  note(LogLevel::Warning, {}, tr("no chunk has been finished for %1 s").arg(silent, 0, 'f', 0));
}

void RunHistory::setPaused(bool paused) {
  if (!isRunning() || paused == m_paused) return;
  m_paused = paused;
  m_lastDoneAt = m_snapshot.t;
  note(LogLevel::Info, {}, paused ? tr("paused: chunks in work are finished, no new ones begin") : tr("goes on"));
  Q_EMIT taken();
  show();
}

void RunHistory::finish(const RunReport& report) {
  if (!m_hasRun || m_report) return;
  m_report = report;
  m_pace.stop();
  m_paused = false;
  m_peakRss = std::max(m_peakRss, report.peakRssBytes);
  m_snapshot.finished = true;
  m_snapshot.t = std::max(m_snapshot.t, report.wallSeconds);
  if (!report.nodes.empty()) m_snapshot.nodes = report.nodes;
  takeNodes();
  for (auto& cells : m_chunks) {
    for (ChunkCell& cell : cells) {
      if (cell.state == ChunkState::Done || cell.state == ChunkState::Failed) continue;
      cell.state = report.status == RunStatus::Finished ? ChunkState::Done : cell.worker >= 0 ? ChunkState::Canceled : cell.state;
    }
  }
  for (const Error& error : report.errors) note(LogLevel::Error, QString::fromStdString(error.node), errorText(error));
  note(report.status == RunStatus::Finished ? LogLevel::Info : LogLevel::Warning, {}, finishText(report, predictedRead()));
  Q_EMIT finished();
}

void RunHistory::note(LogLevel level, const QString& node, const QString& text) {
  m_log.push_back({m_snapshot.t, level, node, text});
  Q_EMIT logged();
}

double RunHistory::predictedRead() const {
  const bool isResumed = m_report && m_report->plannedReadBytes > 0 && m_report->plannedReadBytes < 0.999 * m_facts.plannedReadBytes;
  return isResumed ? 0 : m_facts.plannedReadBytes;
}

double RunHistory::rateOf(std::size_t node) const {
  if (node >= m_rates.size() || node >= m_snapshot.nodes.size()) return 0;
  const NodeProgress& progress = m_snapshot.nodes[node];
  if (m_report) return m_report->wallSeconds > 0 ? std::max(progress.bytesIn, progress.bytesOut) / m_report->wallSeconds : 0;
  const auto& points = m_rates[node];
  if (points.size() < 2 || points.back().t <= points.front().t) return 0;
  return (points.back().bytes - points.front().bytes) / (points.back().t - points.front().t);
}

double RunHistory::expectedEnd() const {
  if (m_report) return m_snapshot.t;
  if (m_snapshot.etaSeconds) return m_snapshot.t + (m_snapshot.etaSeconds->first + m_snapshot.etaSeconds->second) / 2;
  return m_snapshot.fraction > 0.02 ? m_snapshot.t / m_snapshot.fraction : 0;
}

std::array<double, 3> RunHistory::busyShares() const {
  const double sum = std::accumulate(m_busySeconds.begin(), m_busySeconds.end(), 0.0);
  std::array<double, 3> shares{};
  for (std::size_t kind = 0; kind < shares.size(); ++kind) shares[kind] = sum > 0 ? m_busySeconds[kind] / sum : 0;
  return shares;
}

}  // namespace cubeloom
