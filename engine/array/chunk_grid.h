// SPDX-License-Identifier: GPL-3.0-or-later
// The partition of an array into chunks, enumerated and never stored.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/array/region.h"

namespace cubeloom {

/// Row-major numbering of equal boxes (the last along each dim may be smaller). Immutable.
class ChunkGrid {
 public:
  ChunkGrid() = default;
  ChunkGrid(std::vector<std::int64_t> shape, std::vector<std::int64_t> chunk);
  std::int64_t count() const { return m_count; }
  const std::vector<std::int64_t>& shape() const { return m_shape; }
  const std::vector<std::int64_t>& chunkShape() const { return m_chunk; }
  const std::vector<std::int64_t>& gridShape() const { return m_grid; }
  /// Contiguous ranges.
  Region region(std::int64_t index) const;

 private:
  std::vector<std::int64_t> m_shape, m_chunk, m_grid;
  std::int64_t m_count = 0;
};

}  // namespace cubeloom
