// SPDX-License-Identifier: GPL-3.0-or-later
// A dense array being written in place, in a file of an unfinished output: in one piece, or in one for each entry of a dim.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/array/block.h"
#include "engine/array/buffer_pool.h"
#include "engine/array/chunk_grid.h"
#include "engine/base/cancel.h"
#include "engine/io/sink/early_flush.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/resumable_part.h"

namespace cubeloom {

/// The journal holds one Part for every chunk of the run; its number is the chunk's position.
class PlacedArray {
 public:
  /// The file's dims are those `order` of the array's, which has `shape`; its first element is at byte `start`. File and part outlive this.
  PlacedArray(const PartFile& file, ResumablePart& part, std::int64_t start, const std::vector<std::int64_t>& shape, std::vector<int> order,
              PixelType type, BufferPool pool);

  /// Each entry along dim `split` of the array is a piece of its own in the file, at its byte of `starts`; the other dims lie in their
  /// order.
  PlacedArray(const PartFile& file, ResumablePart& part, std::vector<std::int64_t> starts, int split,
              const std::vector<std::int64_t>& shape, PixelType type, BufferPool pool);

  /// The chunks of an earlier run whose checksum agrees; those looked at before it was canceled. Before the first write().
  std::vector<std::int64_t> done(const ChunkGrid& runChunks, const CancelToken& cancel);
  /// Thread-safe for disjoint regions.
  Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk);

 private:
  /// What a region has of each piece that it touches: where that begins, and the place of its entry in the region.
  struct Touched {
    std::int64_t start = 0, entry = 0;
  };
  std::vector<Touched> touchedBy(const Region& region) const;
  /// Of a region along the file's dims.
  std::vector<std::int64_t> firstOf(const Region& region) const;
  std::vector<std::int64_t> sizeOf(const Region& region) const;

  const PartFile& m_file;
  EarlyFlush m_earlyFlush;
  ResumablePart& m_part;
  std::vector<std::int64_t> m_starts;
  int m_split = -1;                   ///< dim of the array; -1: it is in one piece
  std::vector<int> m_order;           ///< of the array's dims
  std::vector<std::int64_t> m_shape;  ///< along the file's dims
  PixelType m_type;
  BufferPool m_pool;
};

}  // namespace cubeloom
