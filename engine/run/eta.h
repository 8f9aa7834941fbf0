// SPDX-License-Identifier: GPL-3.0-or-later
// How long a run still takes: a range that is meant to hold the truth in eight of ten cases, on a machine that does other things, too.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>

namespace cubeloom {

/// How long a sink takes after the last chunk to move `copiedBytes` to their places and to flush a file of `fileBytes`.
double publishingSeconds(double copiedBytes, double fileBytes, bool isEarly = true);
/// What of a file is not yet on the disk when its last chunk is written; all of it where it `isEarly` not.
double flushedBytes(double fileBytes, bool isEarly = true);
/// Whether an output of a format goes to the disk while it is written. The many files of a Zarr do so at its end.
bool isFlushedEarly(const std::string& format);

/// From when chunks were done. The end is told from the rates of the last 10 s, 30 s and two minutes: the truth usually lies near one of
/// them. How far beyond them the range reaches follows from how much the rate has varied, over stretches as long as what is measured and
/// what is left. Not thread-safe.
class EtaEstimator {
 public:
  /// `seconds` after its start the run has done `fraction` of the work of all `chunksTotal` chunks.
  void add(double seconds, double fraction, std::int64_t chunksDone, std::int64_t chunksTotal);
  /// What follows the last chunk (putting blocks in their places, flushing, checking) is expected to take so long.
  void expectAfterwards(double seconds) { m_afterwards = seconds; }
  /// What was measured no longer holds: other workers, another budget, a pause, another phase.
  void reset() { m_points.clear(); }

  /// The range in which the rest will take, in seconds, as of the last add(). Nothing before 5 s, and before 20 chunks or a quarter of
  /// fewer than 80.
  std::optional<std::pair<double, double>> estimate() const;

 private:
  struct Point {
    double seconds = 0, fraction = 0;
  };
  double fractionAt(double seconds) const;
  double rateSince(double seconds) const;
  double variation(double span) const;
  std::pair<double, double> afterwards() const;

  std::deque<Point> m_points;  ///< whenever chunks were done, of the last two minutes
  std::int64_t m_chunks = 0, m_chunksTotal = 0;
  double m_now = 0, m_afterwards = 0;
};

}  // namespace cubeloom
