// SPDX-License-Identifier: GPL-3.0-or-later
// Which indices along one dim: a range with a step, or a list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cubeloom {

/// Immutable. Indices may repeat and come in any order.
class IndexSet {
 public:
  IndexSet() = default;
  static IndexSet all(std::int64_t count) { return range(0, count); }
  static IndexSet range(std::int64_t first, std::int64_t count, std::int64_t step = 1);
  /// A list; stored as a range when it is one.
  static IndexSet list(std::vector<std::int64_t> indices);
  static IndexSet single(std::int64_t index) { return range(index, 1); }

  std::int64_t count() const { return m_count; }
  bool isEmpty() const { return m_count == 0; }
  bool isRange() const { return m_list.empty(); }
  /// A range with step 1.
  bool isContiguous() const { return m_list.empty() && (m_step == 1 || m_count <= 1); }
  std::int64_t first() const { return m_list.empty() ? m_first : m_list.front(); }
  std::int64_t step() const { return m_step; }
  std::int64_t at(std::int64_t i) const { return m_list.empty() ? m_first + i * m_step : m_list[static_cast<std::size_t>(i)]; }
  std::int64_t min() const;
  std::int64_t max() const;
  bool isIncreasing() const;  ///< strictly

  /// The indices this set holds at the positions `positions` (composition: this after positions).
  IndexSet select(const IndexSet& positions) const;
  /// Positions [first, first + count) of this set.
  IndexSet slice(std::int64_t first, std::int64_t count) const { return select(range(first, count)); }
  IndexSet shifted(std::int64_t offset) const;
  std::vector<std::int64_t> toVector() const;
  /// What the list takes beside the object itself; a range takes nothing.
  std::size_t listBytes() const { return m_list.capacity() * sizeof(std::int64_t); }

  bool operator==(const IndexSet&) const = default;

 private:
  std::int64_t m_first = 0, m_count = 0, m_step = 1;
  std::vector<std::int64_t> m_list;
};

}  // namespace cubeloom
