// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of several valid values of one element.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace cubeloom {

/// Nodata never counts.
enum class Overlap { First, Last, Min, Max, Mean, Median, Count };

/// "first", "last", ...: in the order of Overlap.
inline const std::vector<std::string>& overlapNames() {
  static const std::vector<std::string> kNames{"first", "last", "min", "max", "mean", "median", "count"};
  return kNames;
}
inline Overlap overlapOf(const std::string& name) {
  return static_cast<Overlap>(std::find(overlapNames().begin(), overlapNames().end(), name) - overlapNames().begin());
}

/// One value per element from several, one array after another; elements in the output's row-major order.
class OverlapValues {
 public:
  OverlapValues(Overlap overlap, std::size_t elements, std::size_t arrays) : m_overlap(overlap), m_arrays(arrays) {
    m_values.assign(elements * (overlap == Overlap::Median ? arrays : 1), 0.0);
    m_counts.assign(elements, 0);
  }
  static std::size_t bytes(Overlap overlap, std::size_t elements, std::size_t arrays) {
    return elements * ((overlap == Overlap::Median ? arrays : 1) * sizeof(double) + sizeof(std::uint32_t));
  }

  void add(std::size_t element, double value) {
    std::uint32_t& count = m_counts[element];
    if (m_overlap == Overlap::Median) {
      m_values[element * m_arrays + count++] = value;
      return;
    }
    double& kept = m_values[element];
    const bool isFirst = count++ == 0;
    m_filled += isFirst ? 1 : 0;
    switch (m_overlap) {
      case Overlap::First: kept = isFirst ? value : kept; break;
      case Overlap::Min: kept = isFirst ? value : std::min(kept, value); break;
      case Overlap::Max: kept = isFirst ? value : std::max(kept, value); break;
      case Overlap::Mean: kept += value; break;
      default: kept = value;
    }
  }

  /// No further array can change anything.
  bool isSettled() const { return m_overlap == Overlap::First && m_filled == m_counts.size(); }

  /// NaN where there was none; a count then is 0.
  double at(std::size_t element) {
    const std::uint32_t count = m_counts[element];
    if (m_overlap == Overlap::Count) return count;
    if (count == 0) return NAN;
    if (m_overlap == Overlap::Mean) return m_values[element] / count;
    if (m_overlap != Overlap::Median) return m_values[element];
    const auto first = m_values.begin() + static_cast<std::ptrdiff_t>(element * m_arrays), middle = first + count / 2;
    std::nth_element(first, middle, first + count);
    return count % 2 == 1 ? *middle : (*middle + *std::max_element(first, middle)) / 2;
  }

 private:
  Overlap m_overlap;
  std::size_t m_arrays, m_filled = 0;
  std::vector<double> m_values;
  std::vector<std::uint32_t> m_counts;
};

}  // namespace cubeloom
