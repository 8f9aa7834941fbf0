// SPDX-License-Identifier: GPL-3.0-or-later
// What each chart of the monitor shows, in which words and colours.
#include "ui/monitor/run_charts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "ui/charts/timeline_painter.h"
#include "ui/theme/theme.h"
#include "ui/words/number_text.h"
#include "ui/words/run_text.h"

namespace cubeloom {
namespace {

constexpr double kMeanSeconds = 1;

QString coresText(double cores) { return QString::number(cores, 'f', 1); }

/// "388" of "388 MiB" when `other` has the same unit.
QString withoutUnit(const QString& size, const QString& other) {
  return size.section(QLatin1Char(' '), 1) == other.section(QLatin1Char(' '), 1) ? size.section(QLatin1Char(' '), 0, 0) : size;
}

std::vector<Curve> memoryCurves() {
  return {{QObject::tr("chunks"), &ChartStyle::read, true, 0.72, Qt::SolidPattern, Qt::SolidLine},
          {QObject::tr("caches"), &ChartStyle::write, true, 0.6, Qt::BDiagPattern, Qt::SolidLine},
          {QObject::tr("program"), &ChartStyle::read, true, 0.36, Qt::SolidPattern, Qt::SolidLine},
          {QObject::tr("RSS"), &ChartStyle::text, false, 1, Qt::SolidPattern, Qt::SolidLine}};
}

constexpr std::size_t kMostBands = SampleTable::kMostColumns - 2;  ///< workers with a band of their own; then the others, then their sum

/// Neighbours differ in colour and in strength or hatching.
std::vector<Curve> workerCurves() {
  constexpr std::array kColors{&ChartStyle::read, &ChartStyle::write, &ChartStyle::compute};
  std::vector<Curve> curves;
  curves.reserve(kMostBands + 2);
  for (std::size_t i = 0; i < kMostBands; ++i)
    curves.push_back({QStringLiteral("w%1").arg(i + 1), kColors[i % kColors.size()], true, i % 2 == 0 ? 0.72 : 0.4,
                      i / kColors.size() == 1 ? Qt::BDiagPattern : Qt::SolidPattern, Qt::SolidLine});
  curves.push_back({QObject::tr("others"), &ChartStyle::muted, true, 0.5, Qt::SolidPattern, Qt::SolidLine});
  curves.push_back({QObject::tr("all"), &ChartStyle::text, false, 1, Qt::SolidPattern, Qt::SolidLine});
  return curves;
}

/// One value a band, as workerCurves() has them.
SampleTable::Values memoryByWorker(const Snapshot& now) {
  SampleTable::Values values{};
  for (std::size_t i = 0; i < now.cluster.size(); ++i) {
    values[std::min(i, kMostBands)] += now.cluster[i].rssBytes;
    values[kMostBands + 1] += now.cluster[i].rssBytes;
  }
  return values;
}

}  // namespace

RunCharts::RunCharts(const RunHistory& history, QWidget* parent) : QObject(parent), m_history(history) {
  m_timeline = new Timeline(history.lanes(), m_axis);
  m_timelineFrame = new ChartFrame(
      tr("Timeline"),
      tr("What every worker does: reading, computing or writing a chunk; a gap is idle time. A bar that is open at its right is "
         "not over. Wheel zooms, drag measures, Ctrl+drag restricts all charts to a part of the run, Shift+drag pans, W A S D move, Home "
         "shows the whole run, Space holds. A zig-zag line marks tasks too "
         "short to be told apart: the colours then show their shares."),
      parent);
  m_timelineFrame->setBody(m_timeline);
  m_timelineFrame->setCsv([this] { return m_timeline->toCsv(); });

  m_memory = new TimeChart(m_axis, TimeChart::Unit::MiB, memoryCurves());
  m_memoryFrame = new ChartFrame(tr("Memory"),
                                 tr("Resident memory of the program, split into chunk buffers, what outputs and caches hold, and the rest. "
                                    "The solid line is the budget, the "
                                    "dashed one the peak that was predicted before the run. Of a run on a cluster: a band for each worker "
                                    "with the programs that make its parts, and the limit of all workers."),
                                 parent);
  m_cpu = new TimeChart(m_axis, TimeChart::Unit::Cores,
                        {{tr("busy cores"), &ChartStyle::compute, true, 0.6, Qt::SolidPattern, Qt::SolidLine},
                         {tr("workers"), &ChartStyle::text, false, 1, Qt::SolidPattern, Qt::DotLine}});
  m_cpuFrame = new ChartFrame(
      tr("CPU"),
      tr("Cores kept busy by this program, out of those it may use; the number is the mean over a second. The dotted line is the "
         "number of workers."),
      parent);
  m_io = new TimeChart(m_axis, TimeChart::Unit::MiBPerSecond,
                       {{tr("read"), &ChartStyle::read, false, 1, Qt::SolidPattern, Qt::SolidLine},
                        {tr("write"), &ChartStyle::write, false, 1, Qt::SolidPattern, Qt::DashLine}});
  m_ioFrame =
      new ChartFrame(tr("I/O"), tr("Bytes read and written by this program, in MiB/s; the numbers are means over a second."), parent);
  const std::array<std::pair<ChartFrame*, TimeChart*>, 3> charts{{{m_memoryFrame, m_memory}, {m_cpuFrame, m_cpu}, {m_ioFrame, m_io}}};
  for (const auto& [frame, chart] : charts) {
    frame->setBody(chart);
    frame->setCsv([chart = chart] { return chart->toCsv(); });
    frame->setDrawing([chart = chart](const QString& path) { return chart->saveDrawing(path); });
  }
  connect(&history, &RunHistory::begun, this, &RunCharts::begin);
  connect(&history, &RunHistory::taken, this, &RunCharts::take);
  connect(&history, &RunHistory::shown, this, &RunCharts::show);
  connect(&history, &RunHistory::finished, this, &RunCharts::finish);
  connect(&m_axis, &TimeAxis::cursorChanged, this, &RunCharts::showReadouts);
  connect(&m_axis, &TimeAxis::modeChanged, this, &RunCharts::showReadouts);
  connect(&m_axis, &TimeAxis::restrictionChanged, this, [this] {
    showNote();
    showReadouts();
  });
  connect(&theme(), &Theme::changed, this, &RunCharts::restyle);
  restyle();
}

void RunCharts::begin() {
  const RunFacts& facts = m_history.facts();
  m_axis.reset(0);
  m_timeline->setNames(facts.names);
  if (const bool isByWorker = !facts.cluster.isEmpty(); isByWorker != m_isByWorker) {
    m_isByWorker = isByWorker;
    m_memory->setCurves(isByWorker ? workerCurves() : memoryCurves());
  }
  for (TimeChart* chart : {m_memory, m_cpu, m_io}) chart->clear();
  m_bands = 0;
  showMemoryLegend();
  m_timeline->setLaneNames({});
  m_peakShown = 0;
  m_timeline->setOpen({});
  m_cpu->setFixedTop(std::max(1.0, cores()));
  updateLimits();
  m_timelineFrame->setNote({});
  m_timeline->refresh();
  showReadouts();
}

void RunCharts::updateLimits() {
  const RunFacts& facts = m_history.facts();
  std::vector<LimitLine> limits;
  if (facts.budgetBytes > 0) {
    limits.push_back({(m_isByWorker ? tr("limit %1") : tr("budget %1")).arg(sizeText(facts.budgetBytes)), facts.budgetBytes,
                      &ChartStyle::failed, Qt::SolidLine, true});
  }
  // What was predicted of a run on a cluster is what one part takes.
  if (facts.predictedPeakBytes > 0 && !m_isByWorker) {
    limits.push_back({tr("predicted peak %1").arg(sizeText(facts.predictedPeakBytes)), facts.predictedPeakBytes, &ChartStyle::warning,
                      Qt::DashLine, false});
  }
  m_memory->setLimits(limits);
}

void RunCharts::take() {
  const Snapshot& now = m_history.snapshot();
  const double held = now.poolBytes + now.fixedBytes;
  SampleTable::Values memory{now.poolBytes, now.fixedBytes, std::max(0.0, now.rssBytes - held), std::max(now.rssBytes, held)};
  if (m_isByWorker) memory = memoryByWorker(now);
  m_memory->append(now.t, memory);
  if (const double used = memory[m_memory->curveCount() - 1]; used > m_peakShown) {
    m_peakShown = used;
    m_memory->setMark({tr("peak %1").arg(sizeText(used)), now.t, used});
  }
  m_cpu->append(now.t, std::array{now.cpuCores, static_cast<double>(now.workers)});
  m_io->append(now.t, std::array{now.readBytesPerSecond, now.writeBytesPerSecond});
  m_axis.advance(std::max(now.t, m_history.lanes().end()), m_history.expectedEnd());
}

void RunCharts::show() {
  std::vector<OpenTask> open;
  for (const WorkInHand& work : m_history.snapshot().inHand)
    open.push_back({work.worker, work.start, work.index, work.phase == ChunkState::Writing});
  m_timeline->setOpen(std::move(open));
  m_timeline->setLaneNames(m_history.laneNames());
  m_timeline->refresh();
  if (m_isByWorker && m_history.snapshot().cluster.size() != m_bands) showMemoryLegend();
  if (m_axis.mode() != TimeAxis::Mode::Held) {
    showNote();
    showReadouts();
  }
}

void RunCharts::finish() {
  m_timeline->setOpen({});
  m_axis.finish(std::max(m_history.snapshot().t, m_history.lanes().end()));
  for (TimeChart* chart : {m_memory, m_cpu, m_io}) chart->flush();
  showNote();
  m_timeline->refresh();
  showReadouts();
}

void RunCharts::showNote() {
  std::array<double, 3> shares = m_history.busyShares();
  if (const auto part = m_axis.restriction()) {
    const auto totals = m_history.lanes().totals(part->first, part->second);
    double busy = 0;
    for (std::size_t kind = 0; kind < shares.size(); ++kind) busy += totals.seconds[kind];
    for (std::size_t kind = 0; kind < shares.size(); ++kind) shares[kind] = busy > 0 ? totals.seconds[kind] / busy : 0;
  }
  m_timelineFrame->setNote(bottleneckText(shares));
}

void RunCharts::showReadouts() {
  if (!m_history.hasRun()) return;
  const auto cursor = m_axis.cursor();
  const auto part = m_axis.restriction();
  // Of a moment where that has a meaning, else of the second before it: a tenth of a second is mostly noise.
  const auto rowOf = [&](const TimeChart* chart) -> const SampleTable::Row* {
    const auto& rows = chart->samples().rows();
    return cursor ? chart->samples().at(*cursor) : rows.empty() ? nullptr : &rows.back();
  };
  const auto meanOf = [&](const TimeChart* chart) -> std::optional<SampleTable::Values> {
    if (part && !cursor) return chart->samples().meanOf(part->first, part->second);
    const auto* row = rowOf(chart);
    return row ? chart->samples().meanOf(row->t - kMeanSeconds, row->t) : std::nullopt;
  };
  const QString when = cursor ? timeLabel(*cursor, 0.01) + QStringLiteral(": ") : part ? tr("mean ") : QString();
  if (const auto* row = rowOf(m_memory)) {
    const std::size_t whole = m_memory->curveCount() - 1;
    const QString now = sizeText(row->mean[whole]);
    double most = m_history.peakRssBytes();
    if (part) {
      most = 0;
      for (const SampleTable::Row& sample : m_memory->samples().rows())
        if (sample.t >= part->first && sample.t <= part->second) most = std::max(most, sample.high[whole]);
    }
    const QString peak = sizeText(most);
    m_memoryFrame->setReadout(cursor ? when + now
                              : part ? tr("%1 peak").arg(peak)
                                     : tr("%1 now · %2 peak").arg(now, withoutUnit(peak, now)));
  }
  if (const auto mean = meanOf(m_cpu)) {
    m_cpuFrame->setReadout(when + tr("%1 of %2 cores").arg(coresText((*mean)[0]), significantText(cores(), 3)));
  }
  if (const auto mean = meanOf(m_io)) {
    const auto number = [](double bytes) {
      const QString text = rateText(bytes).section(QLatin1Char(' '), 0, 0);
      return text.isEmpty() ? QStringLiteral("0") : text;
    };
    m_ioFrame->setReadout(when + tr("read %1 · write %2 MiB/s").arg(number((*mean)[0]), number((*mean)[1])));
  }
  const int workers = m_history.lanes().laneCount();
  const std::size_t tasks = part ? m_history.lanes().totals(part->first, part->second).tasks : m_history.lanes().taskCount();
  m_timelineFrame->setReadout(
      tr("%1 tasks · %2").arg(countText(static_cast<std::int64_t>(tasks)), workers == 1 ? tr("1 worker") : tr("%1 workers").arg(workers)));
}

double RunCharts::cores() const { return m_isByWorker ? m_history.facts().workers : m_history.facts().cores; }

/// Of bands those that there are.
void RunCharts::showMemoryLegend() {
  std::vector<LegendItem> items = m_memory->legend();
  if (m_isByWorker) {
    m_bands = m_history.snapshot().cluster.size();
    if (m_bands <= kMostBands) items.erase(items.begin() + static_cast<std::ptrdiff_t>(m_bands), items.begin() + kMostBands + 1);
  }
  m_memoryFrame->setLegend(items);
}

void RunCharts::setDetailed(const ChartFrame* frame) {
  m_memory->setDetailed(frame == m_memoryFrame);
  m_cpu->setDetailed(frame == m_cpuFrame);
  m_io->setDetailed(frame == m_ioFrame);
}

void RunCharts::restyle() {
  const ChartStyle style = themedChartStyle();
  for (ChartFrame* frame : {m_timelineFrame, m_memoryFrame, m_cpuFrame, m_ioFrame}) frame->setStyleOf(style);
  m_timeline->setStyleOf(style);
  for (TimeChart* chart : {m_memory, m_cpu, m_io}) chart->setStyleOf(style);

  const double ratio = m_timelineFrame->devicePixelRatioF();
  const QSize patch(static_cast<int>(10 * ratio), static_cast<int>(8 * ratio));
  const auto swatch = [&](TaskKind kind) { return paintSwatch(kind, patch, ratio, style); };
  m_timelineFrame->setLegend({{tr("read"), {}, swatch(TaskKind::Read), Qt::NoPen},
                              {tr("compute"), {}, swatch(TaskKind::Compute), Qt::NoPen},
                              {tr("write"), {}, swatch(TaskKind::Write), Qt::NoPen},
                              {tr("failed"), {}, swatch(TaskKind::Failed), Qt::NoPen}});
  showMemoryLegend();
  m_cpuFrame->setLegend(m_cpu->legend());
  m_ioFrame->setLegend(m_io->legend());
}

}  // namespace cubeloom
