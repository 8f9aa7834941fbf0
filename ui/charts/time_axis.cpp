// SPDX-License-Identifier: GPL-3.0-or-later
// Range rules of the shared time axis: whole run, following, or held by the user.
#include "ui/charts/time_axis.h"

#include <QKeyEvent>
#include <QString>
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace cubeloom {
namespace {

constexpr double kShortestSpan = 1e-5;
constexpr double kLeastWhole = 0.5;
constexpr double kLeastStep = 1.0 / 250;
constexpr double kTolerance = 0.12;  // the expected end wanders: the axis moves only when it is off by more

}  // namespace

void TimeAxis::reset(double expectedSeconds) {
  m_now = 0;
  m_wholeEnd = std::max(kLeastWhole, expectedSeconds * 1.05);
  setCursor(std::nullopt);
  if (std::exchange(m_restriction, std::nullopt)) Q_EMIT restrictionChanged();
  setMode(Mode::Whole);
  apply(0, m_wholeEnd);
}

void TimeAxis::restrictTo(double from, double to) {
  const auto [lower, upper] = std::minmax(from, to);
  if (upper - lower < kShortestSpan) return;
  m_restriction = {std::max(0.0, lower), upper};
  setMode(Mode::Held);
  apply(m_restriction->first, m_restriction->second);
  Q_EMIT restrictionChanged();
}

void TimeAxis::liftRestriction() {
  if (!std::exchange(m_restriction, std::nullopt)) return;
  Q_EMIT restrictionChanged();
  showWhole();
}

void TimeAxis::advance(double now, double expectedEnd) {
  m_now = now;
  const double wanted = std::max(kLeastWhole, std::max(expectedEnd, now) * 1.05);
  if (now > m_wholeEnd || std::abs(wanted - m_wholeEnd) > kTolerance * m_wholeEnd) m_wholeEnd = std::max(wanted, now * 1.05);
  if (m_mode == Mode::Whole) apply(0, m_wholeEnd);
  // A step that nobody could see is not taken: each one draws all charts.
  if (const double span = m_upper - m_lower; m_mode == Mode::Follow && std::abs(now - m_upper) > kLeastStep * span) apply(now - span, now);
}

void TimeAxis::finish(double end) {
  m_now = end;
  m_wholeEnd = std::max(end * 1.01, 1e-3);
  if (m_mode != Mode::Held) showWhole();
}

void TimeAxis::setRange(double lower, double upper) {
  if (upper - lower < kShortestSpan) upper = lower + kShortestSpan;
  if (m_restriction) {
    const auto [first, last] = *m_restriction;
    const double shown = std::min(upper - lower, last - first);
    lower = std::clamp(lower, first, last - shown);
    m_wasWhole = false;
    return apply(lower, lower + shown);
  }
  const double span = std::min(upper - lower, m_wholeEnd * 4);
  // Never further away than where nothing more is to be seen.
  lower = std::clamp(lower, std::min(0.0, m_wholeEnd - span), std::max(0.0, m_wholeEnd - span));
  m_wasWhole = false;
  setMode(Mode::Held);
  apply(lower, lower + span);
}

void TimeAxis::zoom(double factor, double anchor) {
  const bool following = m_mode == Mode::Follow;
  const double span = std::clamp((m_upper - m_lower) * factor, kShortestSpan, m_wholeEnd);
  const double share = (anchor - m_lower) / (m_upper - m_lower);
  if (following) {
    apply(m_now - span, m_now);
  } else {
    setRange(anchor - share * span, anchor - share * span + span);
  }
}

void TimeAxis::pan(double share) {
  const double step = (m_upper - m_lower) * share;
  setRange(m_lower + step, m_upper + step);
}

void TimeAxis::showWhole() {
  if (m_restriction) return apply(m_restriction->first, m_restriction->second);
  setMode(Mode::Whole);
  apply(0, m_wholeEnd);
}

void TimeAxis::setHeld(bool held) {
  if (held == (m_mode == Mode::Held)) return;
  if (m_restriction) return liftRestriction();  // following the run is looking at more than a part of it
  if (held) {
    m_wasWhole = m_mode == Mode::Whole;
    setMode(Mode::Held);
    return;
  }
  // Zoomed in, following goes on with the same span; otherwise with the whole run.
  const double span = m_upper - m_lower;
  if (!m_wasWhole && span < 0.9 * m_wholeEnd && m_now > span) {
    setMode(Mode::Follow);
    apply(m_now - span, m_now);
  } else {
    showWhole();
  }
}

void TimeAxis::setCursor(std::optional<double> t) {
  if (t == m_cursor) return;
  m_cursor = t;
  Q_EMIT cursorChanged();
}

bool TimeAxis::handleKey(const QKeyEvent& event) {
  if (event.modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) return false;
  const double anchor = m_cursor.value_or((m_lower + m_upper) / 2);
  switch (event.key()) {
    case Qt::Key_W: zoom(0.8, anchor); return true;
    case Qt::Key_S: zoom(1.25, anchor); return true;
    case Qt::Key_A: pan(-0.15); return true;
    case Qt::Key_D: pan(0.15); return true;
    case Qt::Key_Home: showWhole(); return true;
    case Qt::Key_Space: setHeld(m_mode != Mode::Held); return true;
    default: return false;
  }
}

void TimeAxis::apply(double lower, double upper) {
  if (lower == m_lower && upper == m_upper) return;
  m_lower = lower;
  m_upper = upper;
  Q_EMIT rangeChanged();
}

void TimeAxis::setMode(Mode mode) {
  if (mode == m_mode) return;
  m_mode = mode;
  Q_EMIT modeChanged();
}

std::pair<std::vector<double>, double> timeTicks(double lower, double upper, int count) {
  const double wanted = (upper - lower) / std::max(count, 1);
  double step = 0;
  if (wanted > 10) {
    constexpr std::array kSteps{15.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0, 43200.0};
    const auto found = std::find_if(kSteps.begin(), kSteps.end(), [&](double s) { return s >= wanted; });
    step = found != kSteps.end() ? *found : 86400 * std::ceil(wanted / 86400);
  } else {
    const double power = std::pow(10, std::floor(std::log10(std::max(wanted, 1e-12))));
    step = 10 * power;
    for (const double factor : {5.0, 2.0, 1.0}) {
      if (factor * power >= wanted) step = factor * power;
    }
  }
  std::vector<double> ticks;
  for (double index = std::ceil(lower / step - 1e-9); index * step <= upper * (1 + 1e-12); ++index) ticks.push_back(index * step);
  return {ticks, step};
}

QString timeLabel(double seconds, double step) {
  const bool negative = seconds < -step / 2;
  const double t = std::abs(seconds);
  QString text;
  if (t < 60) {
    const int decimals = step >= 1 ? 0 : std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6);
    text = QString::number(t, 'f', decimals) + QStringLiteral(" s");
  } else {
    const auto whole = static_cast<long long>(t + (step >= 1 ? 0.5 : 0));
    const int decimals = step >= 1 ? 0 : std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6);
    const QString rest =
        decimals == 0 ? QStringLiteral("%1").arg(whole % 60, 2, 10, QLatin1Char('0'))
                      : QString::number(t - static_cast<double>(whole - whole % 60), 'f', decimals).rightJustified(3 + decimals, u'0');
    text = whole >= 3600 ? QStringLiteral("%1:%2:%3").arg(whole / 3600).arg(whole / 60 % 60, 2, 10, QLatin1Char('0')).arg(rest)
                         : QStringLiteral("%1:%2").arg(whole / 60).arg(rest);
  }
  return negative ? QChar(0x2212) + text : text;
}

}  // namespace cubeloom
