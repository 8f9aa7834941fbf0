// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/index_set.h"

#include <algorithm>

namespace cubeloom {

IndexSet IndexSet::range(std::int64_t first, std::int64_t count, std::int64_t step) {
  IndexSet set;
  set.m_first = first;
  set.m_count = std::max<std::int64_t>(count, 0);
  set.m_step = set.m_count <= 1 ? 1 : step;
  return set;
}

IndexSet IndexSet::list(std::vector<std::int64_t> indices) {
  const auto count = static_cast<std::int64_t>(indices.size());
  if (count == 0) return {};
  if (count == 1) return single(indices[0]);
  const std::int64_t step = indices[1] - indices[0];
  bool regular = step != 0;
  for (std::size_t i = 2; regular && i < indices.size(); ++i) regular = indices[i] - indices[i - 1] == step;
  if (regular) return range(indices[0], count, step);
  IndexSet set;
  set.m_count = count;
  set.m_list = std::move(indices);
  return set;
}

std::int64_t IndexSet::min() const {
  if (!m_list.empty()) return *std::min_element(m_list.begin(), m_list.end());
  return std::min(at(0), at(std::max<std::int64_t>(m_count - 1, 0)));
}

std::int64_t IndexSet::max() const {
  if (!m_list.empty()) return *std::max_element(m_list.begin(), m_list.end());
  return std::max(at(0), at(std::max<std::int64_t>(m_count - 1, 0)));
}

bool IndexSet::isIncreasing() const {
  if (m_list.empty()) return m_step > 0;
  return std::adjacent_find(m_list.begin(), m_list.end(), [](auto a, auto b) { return a >= b; }) == m_list.end();
}

IndexSet IndexSet::select(const IndexSet& positions) const {
  if (isRange() && positions.isRange()) return range(at(positions.first()), positions.count(), m_step * positions.step());
  std::vector<std::int64_t> indices(static_cast<std::size_t>(positions.count()));
  for (std::int64_t i = 0; i < positions.count(); ++i) indices[static_cast<std::size_t>(i)] = at(positions.at(i));
  return list(std::move(indices));
}

IndexSet IndexSet::shifted(std::int64_t offset) const {
  IndexSet set = *this;
  set.m_first += offset;
  for (std::int64_t& index : set.m_list) index += offset;
  return set;
}

std::vector<std::int64_t> IndexSet::toVector() const {
  if (!m_list.empty()) return m_list;
  std::vector<std::int64_t> indices(static_cast<std::size_t>(m_count));
  for (std::int64_t i = 0; i < m_count; ++i) indices[static_cast<std::size_t>(i)] = at(i);
  return indices;
}

}  // namespace cubeloom
