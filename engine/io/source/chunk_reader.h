// SPDX-License-Identifier: GPL-3.0-or-later
// Gives the storage chunks of one variable, as they are in the file or decompressed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// Thread-safe.
class ChunkReader {
 public:
  virtual ~ChunkReader() = default;
  /// Elements per dim; chunks start at multiples of it. Never 0.
  const std::vector<std::int64_t>& chunkShape() const { return m_chunk; }
  /// What a chunk takes in the file, on average.
  double storedChunkBytes() const { return m_storedChunkBytes; }
  /// Bytes that each of the two buffers of read() must have.
  std::size_t roomBytes() const { return m_roomBytes; }

  /// The chunk at `origin` (elements), row-major with the strides of chunkShape(); what lies beyond the array's end is unspecified. `a`
  /// and `b` are the caller's scratch, roomBytes() each. Returns the one of them that holds the values, in the file's byte order.
  virtual Result<std::byte*> read(const std::vector<std::int64_t>& origin, std::byte* a, std::byte* b) = 0;

 protected:
  std::vector<std::int64_t> m_chunk;
  double m_storedChunkBytes = 0;
  std::size_t m_roomBytes = 0;
};

}  // namespace cubeloom
