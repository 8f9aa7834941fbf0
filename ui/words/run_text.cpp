// SPDX-License-Identifier: GPL-3.0-or-later
// The run bar's sentences.
#include <cmath>

#include "engine/base/text.h"
#include "ui/run/run_bar.h"

namespace cubeloom {

namespace {

QString size(double bytes) { return QString::fromStdString(formatSize(bytes)); }

/// "2.65 of 261.5 GiB" where both have one unit, else "27.1 MiB of 1.2 GiB".
QString sizeOf(double part, double whole) {
  const QString a = size(part), b = size(whole);
  const QString unit = b.section(QLatin1Char(' '), 1);
  return a.section(QLatin1Char(' '), 1) == unit ? QObject::tr("%1 of %2").arg(a.section(QLatin1Char(' '), 0, 0), b)
                                                : QObject::tr("%1 of %2").arg(a, b);
}

/// "0:12", "1:02:05".
QString clock(double seconds) {
  const auto whole = static_cast<qint64>(seconds);
  const QString minutesAndSeconds =
      QStringLiteral("%1:%2").arg(whole / 60 % 60, whole >= 3600 ? 2 : 1, 10, QLatin1Char('0')).arg(whole % 60, 2, 10, QLatin1Char('0'));
  return whole >= 3600 ? QStringLiteral("%1:%2").arg(whole / 3600).arg(minutesAndSeconds) : minutesAndSeconds;
}

/// A range a person would say: "1-2 s", "12-15 min", "2-3 h".
QString rangeText(double low, double high) {
  const double unit = high < 90 ? 1 : high < 7200 ? 60 : 3600;
  const char* word = high < 90 ? "s" : high < 7200 ? "min" : "h";
  const auto from = static_cast<qint64>(std::floor(low / unit)), to = static_cast<qint64>(std::ceil(high / unit));
  return from == to ? QStringLiteral("%1 %2").arg(to).arg(QLatin1String(word))
                    : QStringLiteral("%1–%2 %3").arg(from).arg(to).arg(QLatin1String(word));
}

}  // namespace

QString preflightText(const Plan& plan, bool isBrief) {
  double sourceBytes = 0;
  for (const BoundNode& node : plan.graph->nodes) {
    if (node.operation && node.operation->source()) sourceBytes += node.operation->source()->spec().bytes();
  }
  // What is read more than once is no part of the whole.
  QString reads = !isBrief && plan.bytesToRead <= 1.005 * sourceBytes ? sizeOf(plan.bytesToRead, sourceBytes) : size(plan.bytesToRead);
  if (plan.passes > 1 && !isBrief) reads = QObject::tr("%1 in %2 passes").arg(reads).arg(plan.passes);
  return QObject::tr("reads %1 · writes %2 · peak %3").arg(reads, size(plan.bytesToWrite), size(plan.projectedPeakBytes));
}

QString progressText(const Snapshot& snapshot, bool paused) {
  QString text = QObject::tr("%1 % · %2 elapsed").arg(static_cast<int>(snapshot.fraction * 100)).arg(clock(snapshot.t));
  if (paused) return QObject::tr("paused at %1").arg(text);
  if (snapshot.etaSeconds) text += QObject::tr(" · %1 left").arg(rangeText(snapshot.etaSeconds->first, snapshot.etaSeconds->second));
  if (snapshot.readBytesPerSecond > 0) text += QObject::tr(" · reading %1/s").arg(size(snapshot.readBytesPerSecond));
  return text;
}

}  // namespace cubeloom
