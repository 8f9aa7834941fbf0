// SPDX-License-Identifier: GPL-3.0-or-later
// The wording of runs.
#include "ui/words/run_text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QFileInfo>
#include <QStringList>
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/text.h"
#include "engine/run/awaited_reads.h"
#include "ui/words/number_text.h"

namespace cubeloom {
namespace {

constexpr double kMiB = 1024.0 * 1024.0;
const QString kBetween = QStringLiteral(" · ");

QString tr(const char* text) { return QCoreApplication::translate("RunText", text); }

/// Rounded outwards to a step a reader can take in.
std::pair<long long, long long> roundedRange(double low, double high, double unit) {
  const double span = high / unit;
  const double step = span > 60 ? 10 : span > 20 ? 5 : 1;
  const auto first = static_cast<long long>(std::floor(low / unit / step) * step);
  const auto last = static_cast<long long>(std::max(step, std::ceil(high / unit / step) * step));
  return {std::max(0LL, first), last};
}

/// "40–60 s", "3 min".
QString rangeText(double low, double high) {
  const bool hours = high > 7200, minutes = high > 120;
  const auto [first, last] = roundedRange(low, high, hours ? 3600 : minutes ? 60 : 1);
  const QString unit = hours ? QStringLiteral("h") : minutes ? QStringLiteral("min") : QStringLiteral("s");
  return first == last ? QStringLiteral("%1 %2").arg(first).arg(unit) : QStringLiteral("%1–%2 %3").arg(first).arg(last).arg(unit);
}

/// "2.65 of 261 GiB" where both have one unit, else "27.1 MiB of 1.2 GiB".
QString partText(double part, double whole) {
  const QString a = sizeText(part), b = sizeText(whole);
  const bool isOneUnit = a.section(QLatin1Char(' '), 1) == b.section(QLatin1Char(' '), 1);
  return tr("%1 of %2").arg(isOneUnit ? a.section(QLatin1Char(' '), 0, 0) : a, b);
}

/// Never 100 before the file is published.
int percentDone(const Snapshot& snapshot) { return std::min(99, static_cast<int>(snapshot.fraction * 100)); }

QString timeText(const Snapshot& snapshot, bool isPaused) {
  const QString elapsed = tr("%1 elapsed").arg(elapsedText(snapshot.t));
  if (isPaused) return elapsed + kBetween + tr("paused");
  return snapshot.etaSeconds ? elapsed + kBetween + etaText(*snapshot.etaSeconds) : elapsed;
}

}  // namespace

QString rateText(double bytesPerSecond) {
  const double rate = bytesPerSecond / kMiB;
  if (!(rate > 0)) return {};
  const QString number = rate < 0.095 ? significantText(rate, 1) : QString::number(rate, 'f', rate < 9.95 ? 1 : 0);
  return number + QStringLiteral(" MiB/s");
}

QString elapsedText(double seconds) {
  const double t = std::max(0.0, seconds);
  if (t < 600) {
    const auto tenths = static_cast<long long>(t * 10);
    return QStringLiteral("%1:%2.%3").arg(tenths / 600).arg(tenths / 10 % 60, 2, 10, QLatin1Char('0')).arg(tenths % 10);
  }
  const auto whole = static_cast<long long>(t);
  const QString tail = QStringLiteral("%1:%2").arg(whole / 60 % 60, 2, 10, QLatin1Char('0')).arg(whole % 60, 2, 10, QLatin1Char('0'));
  return whole < 3600 ? tail : QStringLiteral("%1:%2").arg(whole / 3600).arg(tail);
}

QString etaText(std::pair<double, double> seconds) {
  const auto [low, high] = std::minmax(seconds.first, seconds.second);
  if (high > 7200) {
    const QDateTime end = QDateTime::currentDateTime().addSecs(static_cast<qint64>((low + high) / 2));
    const bool isToday = end.date() == QDate::currentDate();
    return tr("over at about %1").arg(end.toString(isToday ? QStringLiteral("HH:mm") : QStringLiteral("ddd HH:mm")));
  }
  return tr("%1 left").arg(rangeText(low, high));
}

QString expectedText(const ExpectedTime& expected) {
  if (!expected.unmet.empty()) return {};
  if (expected.high <= 1) return tr("under 1 s");
  return tr("about %1").arg(rangeText(expected.low, expected.high));
}

QString preflightText(const Plan& plan, bool isBrief) {
  double sourceBytes = 0;
  for (const BoundNode& node : plan.graph->nodes) {
    if (node.operation && node.operation->source()) sourceBytes += node.operation->source()->spec().bytes();
  }
  // What is read more than once is no part of the whole.
  QString reads =
      !isBrief && plan.bytesToRead <= 1.005 * sourceBytes ? partText(plan.bytesToRead, sourceBytes) : sizeText(plan.bytesToRead);
  if (plan.passes > 1 && !isBrief) reads = tr("%1 in %2 passes").arg(reads).arg(plan.passes);
  return tr("reads %1 · writes %2 · peak %3").arg(reads, sizeText(plan.bytesToWrite), sizeText(plan.projectedPeakBytes));
}

QString progressText(const Snapshot& snapshot, bool isPaused) {
  QStringList parts{tr("%1 %").arg(percentDone(snapshot)), timeText(snapshot, isPaused)};
  if (!isPaused && snapshot.meanReadBytesPerSecond > 0) parts << tr("reading %1").arg(rateText(snapshot.meanReadBytesPerSecond));
  return parts.join(kBetween);
}

QString headlineText(const Snapshot& snapshot, bool isPaused, double plannedReadBytes) {
  const QString done = plannedReadBytes > 0 ? tr("%1 % of %2").arg(percentDone(snapshot)).arg(sizeText(plannedReadBytes))
                                            : tr("%1 %").arg(percentDone(snapshot));
  return timeText(snapshot, isPaused) + kBetween + done;
}

QString stoppingText(const Plan& plan, const Snapshot& snapshot, double seconds) {
  constexpr double kSoon = 0.7;  // most runs have stopped by then
  QString text = tr("Stopping…");
  if (seconds < kSoon) return text;
  // A disk that does not answer: its file is what the user can do something about.
  if (const auto reads = awaitedReads(plan, snapshot); !reads.empty() && reads.front().seconds >= kSoon) {
    const AwaitedRead& longest = reads.front();
    const QFileInfo file(QString::fromStdString(longest.file));
    const QString name = longest.files > 1 ? tr("one of %1 files of %2").arg(longest.files).arg(file.path()) : file.fileName();
    text += tr(" worker %1 has been reading %2 for %3")
                .arg(longest.worker + 1)
                .arg(name, QString::fromStdString(formatDuration(longest.seconds)));
    return reads.size() == 1 ? text : text + tr(", and %1 more read").arg(reads.size() - 1);
  }
  const auto count = [&snapshot](ChunkState state) { return snapshot.states[static_cast<std::size_t>(state)]; };
  const std::array<std::pair<std::int64_t, QString>, 3> parts{{{count(ChunkState::Reading), tr("being read")},
                                                               {count(ChunkState::Computing), tr("being computed")},
                                                               {count(ChunkState::Writing), tr("being written")}}};
  QStringList waits;
  std::int64_t all = 0;
  for (const auto& [chunks, what] : parts) {
    all += chunks;
    if (chunks > 0) waits << QStringLiteral("%1 %2").arg(chunks).arg(what);
  }
  if (all == 0) return text + tr(" keeping what is finished");
  return text + tr(" waiting for chunks: %1").arg(waits.join(QStringLiteral(", ")));
}

QString finishText(const RunReport& report, double plannedReadBytes) {
  QStringList parts;
  const QString time = QString::fromStdString(formatDuration(report.wallSeconds));
  switch (report.status) {
    case RunStatus::Finished: parts << tr("Finished in %1").arg(time); break;
    case RunStatus::Failed: parts << tr("Failed after %1").arg(time); break;
    case RunStatus::Canceled: parts << tr("Stopped after %1").arg(time); break;
    case RunStatus::Refused: parts << tr("Not started"); break;
  }
  if (report.status != RunStatus::Finished && report.chunksTotal > 0) {
    const QString done = report.kept.empty() ? tr("%1 of %2 chunks done") : tr("%1 of %2 chunks kept");
    parts << done.arg(countText(report.chunksDone), countText(report.chunksTotal));
  }
  const QString read = sizeText(report.bytesRead), planned = sizeText(plannedReadBytes);
  parts << (plannedReadBytes > 0 && read != planned ? tr("read %1 of %2 predicted").arg(read, planned) : tr("read %1").arg(read));
  if (report.peakRssBytes > 0) {
    parts << (report.projectedPeakBytes > 0
                  ? tr("peak %1 of %2 predicted").arg(sizeText(report.peakRssBytes), sizeText(report.projectedPeakBytes))
                  : tr("peak %1").arg(sizeText(report.peakRssBytes)));
  }
  for (const RunOutput& output : report.outputs) {
    if (!output.path.empty() && report.status == RunStatus::Finished) parts << QFileInfo(QString::fromStdString(output.path)).fileName();
  }
  return parts.join(kBetween);
}

QString errorText(const Error& error) {
  QString text = QString::fromStdString(error.message);
  if (!error.chunk.empty()) text += tr(" · chunk %1").arg(QString::fromStdString(error.chunk));
  if (!error.path.empty() && !text.contains(QString::fromStdString(error.path)))
    text += QStringLiteral(" · ") + QString::fromStdString(error.path);
  if (!error.hint.empty()) text += QStringLiteral(" (%1)").arg(QString::fromStdString(error.hint));
  return text;
}

QString bottleneckText(const std::array<double, 3>& shares) {
  const std::array names{tr("reading"), tr("computing"), tr("writing")};
  const std::array causes{tr("held back by reading"), tr("held back by computing"), tr("held back by writing")};
  const auto most = static_cast<std::size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin());
  if (shares[most] <= 0) return {};
  QStringList parts;
  for (std::size_t kind = 0; kind < shares.size(); ++kind)
    parts << QStringLiteral("%1 % %2").arg(100 * shares[kind], 0, 'f', 0).arg(names[kind]);
  const QString all = parts.join(QStringLiteral(", "));
  return shares[most] > 0.6 ? causes[most] + QStringLiteral(": ") + all : all;
}

}  // namespace cubeloom
