// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/eta.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace cubeloom {
namespace {

constexpr double kAfterSeconds = 5;
constexpr std::int64_t kAfterChunks = 20;
constexpr std::int64_t kLeastPoints = 4;
constexpr std::array kWindows{10.0, 30.0, 120.0};  // seconds
constexpr int kStretches = 8;                      // whose rates are compared
// Tuned on recorded runs, idle and under load (tests/data/eta): how many standard deviations, and what is never certain.
constexpr double kDeviations = 1.6;
constexpr double kLeastDoubt = 0.15;
// What follows the chunks depends on what else the disk has to do.
constexpr double kAfterwardsLeast = 0.3, kAfterwardsMost = 2.5, kAfterwardsSlack = 0.5;

// A plain disk that others use, too; most of a file is on it before the last chunk is.
constexpr double kCopyBytesPerSecond = 4e8, kFlushBytesPerSecond = 2.5e8, kMostFlushBytes = 1.28e8;

}  // namespace

double flushedBytes(double fileBytes, bool isEarly) { return isEarly ? std::min(fileBytes, kMostFlushBytes) : fileBytes; }

bool isFlushedEarly(const std::string& format) { return format != "Zarr"; }

double publishingSeconds(double copiedBytes, double fileBytes, bool isEarly) {
  return copiedBytes / kCopyBytesPerSecond + flushedBytes(fileBytes, isEarly) / kFlushBytesPerSecond;
}

void EtaEstimator::add(double seconds, double fraction, std::int64_t chunksDone, std::int64_t chunksTotal) {
  m_now = seconds;
  m_chunksTotal = chunksTotal;
  if (!m_points.empty() && chunksDone == m_chunks) return;
  m_chunks = chunksDone;
  m_points.push_back({seconds, fraction});
  while (m_points.size() > 2 && m_points.front().seconds < seconds - kWindows.back()) m_points.pop_front();
}

/// Between two points as if the work had gone on evenly.
double EtaEstimator::fractionAt(double seconds) const {
  const auto after =
      std::upper_bound(m_points.begin(), m_points.end(), seconds, [](double value, const Point& point) { return value < point.seconds; });
  if (after == m_points.begin()) return m_points.front().fraction;
  if (after == m_points.end()) return m_points.back().fraction;
  const Point& a = *std::prev(after);
  const Point& b = *after;
  return b.seconds > a.seconds ? a.fraction + (b.fraction - a.fraction) * (seconds - a.seconds) / (b.seconds - a.seconds) : b.fraction;
}

/// From one point to the last one, so that a chunk that has begun does not count as a loss.
double EtaEstimator::rateSince(double seconds) const {
  const auto last = std::prev(m_points.end());
  auto first = std::lower_bound(m_points.begin(), last, seconds, [](const Point& point, double value) { return point.seconds < value; });
  if (first == last) first = std::prev(last);
  const double span = last->seconds - first->seconds;
  return span > 0 ? (last->fraction - first->fraction) / span : 0;
}

/// Standard deviation of the rates of equal stretches of the last `span` seconds, as a share of their mean.
double EtaEstimator::variation(double span) const {
  const double end = m_points.back().seconds, stretch = span / kStretches;
  std::array<double, kStretches> rates{};
  double mean = 0, squares = 0;
  for (int i = 0; i < kStretches; ++i) {
    const double from = end - span + i * stretch;
    rates[static_cast<std::size_t>(i)] = fractionAt(from + stretch) - fractionAt(from);
    mean += rates[static_cast<std::size_t>(i)] / kStretches;
  }
  if (mean <= 0) return 1;
  for (const double rate : rates) squares += (rate - mean) * (rate - mean);
  return std::sqrt(squares / (kStretches - 1)) / mean;
}

std::pair<double, double> EtaEstimator::afterwards() const {
  return {kAfterwardsLeast * m_afterwards, kAfterwardsMost * m_afterwards + kAfterwardsSlack};
}

std::optional<std::pair<double, double>> EtaEstimator::estimate() const {
  if (m_points.empty() || m_now < kAfterSeconds) return std::nullopt;
  const auto [least, most] = afterwards();
  const Point& last = m_points.back();
  const double since = m_now - last.seconds;
  // All chunks are done: what it has taken so far says that it may take as long again.
  if (m_chunks >= m_chunksTotal) return std::pair{std::max(0.0, least - since), std::max(most - since, 0.7 * since)};
  if (m_chunks < kAfterChunks && 4 * m_chunks < m_chunksTotal) return std::nullopt;
  if (static_cast<std::int64_t>(m_points.size()) < kLeastPoints) return std::nullopt;

  const double left = 1 - last.fraction;
  double fastest = 0, slowest = 0;
  for (const double window : kWindows) {
    const double rate = rateSince(last.seconds - window);
    if (rate <= 0) continue;
    fastest = std::max(fastest, rate);
    slowest = slowest > 0 ? std::min(slowest, rate) : rate;
  }
  const double span = last.seconds - m_points.front().seconds;
  if (fastest <= 0 || span <= 0) return std::nullopt;
  const double meanRate = (last.fraction - m_points.front().fraction) / span;
  const double stretchesLeft = std::max(1.0, left / meanRate / (span / kStretches));
  const double doubt = kDeviations * variation(span) * std::sqrt(1.0 / kStretches + 1 / stretchesLeft) + kLeastDoubt;
  const double low = left / fastest * std::exp(-doubt) - since;
  const double high = left / slowest * std::exp(doubt) - 0.5 * since;
  const double aChunk = 0.2 * last.seconds / static_cast<double>(std::max<std::int64_t>(m_chunks, 1));
  return std::pair{std::max(0.0, low) + least, std::max(high, aChunk) + most};
}

}  // namespace cubeloom
