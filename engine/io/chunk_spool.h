// SPDX-License-Identifier: GPL-3.0-or-later
// The chunks of an n-dimensional output being written: assembled from regions of any shape in any order, encoded by the thread that brings
// the last value of a chunk, kept in a file in the order in which they were finished until they are laid down in canonical order.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/array/block.h"
#include "engine/array/buffer_pool.h"
#include "engine/array/chunk_grid.h"
#include "engine/io/part_file.h"

namespace cubeloom {

/// Memory does not grow with what is unfinished: parts of chunks wait as raw values in a file with holes.
class ChunkSpool {
 public:
  /// Temporary files beside `target`.
  static Result<std::unique_ptr<ChunkSpool>> create(ChunkGrid grid, PixelType type, BufferPool pool, const std::string& target);

  /// Thread-safe for disjoint regions; `offset` in elements.
  Result<void> accept(const std::vector<std::int64_t>& offset, const BlockView& view);

  const ChunkGrid& grid() const { return m_grid; }
  /// Of a finished chunk.
  std::size_t encodedBytes(std::int64_t chunk) const { return m_places[static_cast<std::size_t>(chunk)].bytes; }
  Result<void> readEncoded(std::int64_t chunk, std::byte* to) const;
  std::int64_t spooledBytes() const { return m_spoolEnd; }
  void discard();

  /// Most memory of one accept() beyond its view, and what is kept for all chunks.
  static double scratchBytes(const std::vector<std::int64_t>& chunk, PixelType type);
  static double indexBytes(std::int64_t chunks);

 private:
  struct Place {
    std::int64_t offset = 0;
    std::size_t bytes = 0;
  };
  ChunkSpool(ChunkGrid grid, PixelType type, BufferPool pool, std::string target);
  Result<void> acceptPart(std::int64_t chunk, const Region& valid, const std::vector<std::int64_t>& offset, const BlockView& part);
  Result<void> finish(std::int64_t chunk, const std::byte* raw);
  Result<const PartFile*> waitingFile();

  ChunkGrid m_grid;
  PixelType m_type;
  BufferPool m_pool;
  std::string m_target;
  std::size_t m_chunkBytes;
  std::vector<std::atomic<std::int64_t>> m_missing;  // values still to come, per chunk
  std::vector<Place> m_places;
  PartFile m_spool, m_waiting;
  std::atomic<std::int64_t> m_spoolEnd{0};
  std::mutex m_mutex;  // guards m_waiting's creation
};

}  // namespace cubeloom
