// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps chart samples and thins the old ones to minimum, mean and maximum a second.
#include "ui/charts/sample_table.h"

#include <algorithm>
#include <cmath>

namespace cubeloom {

void SampleTable::clear() {
  m_rows.clear();
  m_firstFine = 0;
}

bool SampleTable::append(double t, std::span<const double> values) {
  if (!std::isfinite(t) || (!m_rows.empty() && t <= m_rows.back().t)) return false;
  Row row;
  row.t = t;
  for (std::size_t c = 0; c < std::min(m_columns, values.size()); ++c) row.mean[c] = row.low[c] = row.high[c] = values[c];
  m_rows.push_back(row);
  return true;
}

std::vector<SampleTable::Thinned> SampleTable::thin() {
  std::vector<Thinned> done;
  while (m_firstFine < m_rows.size()) {
    const double from = std::floor(m_rows[m_firstFine].t), to = from + 1;
    if (to > m_rows.back().t - kFineSeconds) break;
    const auto first = m_rows.begin() + static_cast<std::ptrdiff_t>(m_firstFine);
    const auto last = std::find_if(first, m_rows.end(), [&](const Row& row) { return row.t >= to; });
    Row merged = *first;
    merged.isThinned = true;
    merged.t = 0;
    merged.mean.fill(0);
    const auto count = static_cast<double>(last - first);
    for (auto row = first; row != last; ++row) {
      merged.t += row->t / count;
      for (std::size_t c = 0; c < m_columns; ++c) {
        merged.mean[c] += row->mean[c] / count;
        merged.low[c] = std::min(merged.low[c], row->low[c]);
        merged.high[c] = std::max(merged.high[c], row->high[c]);
      }
    }
    *first = merged;
    m_rows.erase(first + 1, last);
    ++m_firstFine;
    done.push_back({from, to, merged});
  }
  return done;
}

const SampleTable::Row* SampleTable::at(double t) const {
  const auto after = std::upper_bound(m_rows.begin(), m_rows.end(), t, [](double value, const Row& row) { return value < row.t; });
  return after == m_rows.begin() ? nullptr : &*(after - 1);
}

std::optional<SampleTable::Values> SampleTable::meanOf(double from, double to) const {
  Values sum{};
  double weight = 0;
  const auto first = std::lower_bound(m_rows.begin(), m_rows.end(), from, [](const Row& row, double value) { return row.t < value; });
  for (auto row = first; row != m_rows.end() && row->t <= to; ++row) {
    // A sample tells of the time since the one before it.
    const double since = row == m_rows.begin() ? 0 : std::max((row - 1)->t, from);
    const double share = std::max(row->t - since, 1e-9);
    for (std::size_t c = 0; c < m_columns; ++c) sum[c] += share * row->mean[c];
    weight += share;
  }
  if (weight <= 0) return std::nullopt;
  for (double& value : sum) value /= weight;
  return sum;
}

}  // namespace cubeloom
