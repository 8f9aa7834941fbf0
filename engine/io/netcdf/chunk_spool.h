// SPDX-License-Identifier: GPL-3.0-or-later
// Chunks of a NetCDF-4 output, encoded, in a file in the order in which they were finished, until they are laid down in canonical order.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "engine/array/buffer_pool.h"
#include "engine/base/pixel_type.h"
#include "engine/io/sink/chunk_assembly.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/resumable_part.h"

namespace cubeloom {

/// Of a Block in the journal, a and b are the offset and the bytes in the spool.
class ChunkSpool : public ChunkStore {
 public:
  /// In the file "chunks" of `part`; an earlier run's is continued.
  static Result<std::unique_ptr<ChunkSpool>> open(std::int64_t chunks, PixelType type, std::size_t chunkBytes, BufferPool pool,
                                                  const ResumablePart& part);

  Result<JournalRecord> store(std::int64_t chunk, const Buffer& raw) override;
  bool takeOver(const JournalRecord& record) override;

  /// Of a finished chunk; 0: it is not there.
  std::size_t encodedBytes(std::int64_t chunk) const { return m_places[static_cast<std::size_t>(chunk)].bytes; }
  std::size_t mostEncodedBytes() const;
  Result<void> readEncoded(std::int64_t chunk, std::byte* to) const;
  std::int64_t spooledBytes() const { return m_end; }
  void discard() { m_file.remove(); }
  void leave() { m_file.leave(); }

  /// Most memory of one chunk being assembled and stored, and what is kept for all chunks.
  static double scratchBytes(std::size_t chunkBytes);
  static double indexBytes(double chunks);

 private:
  struct Place {
    std::int64_t offset = 0;
    std::size_t bytes = 0;
  };
  ChunkSpool(std::int64_t chunks, PixelType type, std::size_t chunkBytes, BufferPool pool)
      : m_type(type), m_chunkBytes(chunkBytes), m_pool(std::move(pool)), m_places(static_cast<std::size_t>(chunks)) {}

  PixelType m_type;
  std::size_t m_chunkBytes;
  BufferPool m_pool;
  std::vector<Place> m_places;
  PartFile m_file;
  std::atomic<std::int64_t> m_end{0};
};

}  // namespace cubeloom
