// SPDX-License-Identifier: GPL-3.0-or-later
// The values of one chart over time: ten minutes as they came (10 Hz), before that one row a second, so that days of a run fit.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace cubeloom {

class SampleTable {
 public:
  static constexpr std::size_t kMostColumns = 10;
  static constexpr double kFineSeconds = 600;
  using Values = std::array<double, kMostColumns>;

  struct Row {
    double t = 0;  ///< of a thinned row: the middle of its samples
    Values mean{}, low{}, high{};
    bool isThinned = false;
  };
  /// The samples of [from, to) have become one row.
  struct Thinned {
    double from = 0, to = 0;
    Row row;
  };

  explicit SampleTable(std::size_t columns) : m_columns(columns) {}
  std::size_t columns() const { return m_columns; }
  const std::vector<Row>& rows() const { return m_rows; }
  void clear();
  /// Samples come in time order; one that doesn't is dropped (false).
  bool append(double t, std::span<const double> values);
  /// Thins what has become older than kFineSeconds. Call after append.
  std::vector<Thinned> thin();
  /// The row in force at `t`: the last one not after it.
  const Row* at(double t) const;
  /// Mean of each column over [from, to], rows weighted by the time that they stand for; nothing without a row in it.
  std::optional<Values> meanOf(double from, double to) const;

 private:
  std::size_t m_columns;
  std::size_t m_firstFine = 0;
  std::vector<Row> m_rows;
};

}  // namespace cubeloom
