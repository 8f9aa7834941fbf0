// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/chunk_grid.h"

#include <algorithm>
#include <utility>

namespace cubeloom {

ChunkGrid::ChunkGrid(std::vector<std::int64_t> shape, std::vector<std::int64_t> chunk)
    : m_shape(std::move(shape)), m_chunk(std::move(chunk)), m_count(1) {
  for (std::size_t d = 0; d < m_shape.size(); ++d) {
    m_chunk[d] = std::clamp<std::int64_t>(m_chunk[d], 1, std::max<std::int64_t>(m_shape[d], 1));
    m_grid.push_back((m_shape[d] + m_chunk[d] - 1) / m_chunk[d]);
    m_count *= m_grid.back();
  }
}

Region ChunkGrid::region(std::int64_t index) const {
  Region region(m_shape.size());
  for (std::size_t d = m_shape.size(); d-- > 0;) {
    const std::int64_t place = index % m_grid[d];
    index /= m_grid[d];
    const std::int64_t first = place * m_chunk[d];
    region[d] = IndexSet::range(first, std::min(m_chunk[d], m_shape[d] - first));
  }
  return region;
}

}  // namespace cubeloom
