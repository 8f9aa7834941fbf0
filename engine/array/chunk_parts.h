// SPDX-License-Identifier: GPL-3.0-or-later
// Which stored chunks a region touches, and what of each goes where in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/array/region.h"
#include "engine/array/selected_runs.h"
#include "engine/array/strided_copy.h"

namespace cubeloom {

/// A chunk along one dim and what is selected of it.
struct ChunkPart {
  std::int64_t chunk = 0;         ///< its number along the dim
  std::vector<SelectedRun> runs;  ///< sources counted within the chunk
  int pattern = 0;                ///< equal for neighbours of which the same is selected
};

/// The chunks of `chunk` indices, of `size` indices in all, that hold an index of `set`, increasing; `targetStride` in bytes.
std::vector<ChunkPart> chunkParts(const IndexSet& set, std::int64_t chunk, std::int64_t size, std::int64_t targetStride);

/// Of each dim the parts that `region` touches.
std::vector<std::vector<ChunkPart>> chunkParts(const Region& region, const std::vector<std::int64_t>& chunk,
                                               const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& targetStrides);

/// Calls `f(place)` for each combination of one part per dim, the last dim fastest, until it returns false.
template <class F>
void forEachChunk(const std::vector<std::vector<ChunkPart>>& dims, F&& f) {
  std::vector<std::size_t> at(dims.size(), 0);
  std::vector<const ChunkPart*> place(dims.size());
  for (std::size_t d = 0; d < dims.size(); ++d) {
    if (dims[d].empty()) return;
    place[d] = &dims[d][0];
  }
  while (f(place)) {
    std::size_t d = dims.size();
    while (d-- > 0) {
      if (++at[d] < dims[d].size()) {
        place[d] = &dims[d][at[d]];
        break;
      }
      at[d] = 0;
      place[d] = &dims[d][0];
    }
    if (d == static_cast<std::size_t>(-1)) return;
  }
}

/// Copies what `place` selects of one chunk: its first element at `from`, `strides` in bytes, the region's first element at `to`.
void copyChunkPart(const StridedCopy& copy, const std::vector<const ChunkPart*>& place, const std::byte* from,
                   const std::vector<std::int64_t>& strides, std::byte* to);

}  // namespace cubeloom
