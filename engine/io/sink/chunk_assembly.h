// SPDX-License-Identifier: GPL-3.0-or-later
// The chunks of an n-dimensional output being written: assembled from regions of any shape in any order, handed on whole by the thread
// that brings the last value of a chunk. What an earlier run has left of them is taken over.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/array/block.h"
#include "engine/array/buffer_pool.h"
#include "engine/array/chunk_grid.h"
#include "engine/base/cancel.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/resumable_part.h"

namespace cubeloom {

/// Where finished chunks are kept.
class ChunkStore {
 public:
  virtual ~ChunkStore() = default;
  /// Encodes the whole chunk and puts it in its place; the Block for the journal, of that number. Thread-safe.
  virtual Result<JournalRecord> store(std::int64_t chunk, const Buffer& raw) = 0;
  /// Keeps an earlier run's chunk if it is what its record says. Before the first store().
  virtual bool takeOver(const JournalRecord& record) = 0;
};

/// Memory does not grow with what is unfinished: parts of chunks wait as raw values in a file with holes, the part's "partial". What no
/// value covers of a chunk at the array's end holds `fill`.
///
/// The journal holds a Block for every finished chunk (the store's) and a Part for every piece that waits (number: the chunk, a: the
/// position of the run's chunk that brought it).
class ChunkAssembly {
 public:
  /// `part` and `store` outlive it.
  ChunkAssembly(ChunkGrid grid, PixelType type, double fill, BufferPool pool, ResumablePart& part, ChunkStore& store);

  /// The chunks of the run, cut as `runChunks`, of which nothing has to come again; what was not asked for yet when canceled is made anew.
  /// Before the first write().
  std::vector<std::int64_t> done(const ChunkGrid& runChunks, const CancelToken& cancel);
  /// Thread-safe for disjoint regions. What an earlier run has left is passed over.
  Result<void> write(std::int64_t position, const Region& region, const BlockView& values);

  const ChunkGrid& grid() const { return m_grid; }
  std::size_t chunkBytes() const { return m_chunkBytes; }
  void discard() { m_waiting.remove(); }
  /// Closes the file of waiting parts and lets it lie.
  void leave() { m_waiting.leave(); }

  /// What is kept for all chunks.
  static double indexBytes(double chunks) { return chunks * (sizeof(std::int64_t) + 1); }

 private:
  /// What a region has of one chunk: its number, where in it, and where that lies in the region.
  struct Piece {
    std::int64_t number = 0;
    std::vector<std::int64_t> inside, from, size;
  };
  struct Notes {
    std::vector<JournalRecord> records;
    std::vector<std::int64_t> used;  ///< chunks whose waiting parts nobody needs any more
  };
  using PartKey = std::pair<std::int64_t, std::int64_t>;  ///< chunk, position

  std::vector<Piece> piecesOf(const Region& region) const;
  Result<void> accept(const Piece& piece, std::int64_t position, const BlockView& values, Notes& notes);
  Result<void> finish(std::int64_t chunk, const Buffer& raw, Notes& notes);
  void padBeyond(std::int64_t chunk, const Buffer& raw) const;
  Result<const PartFile*> waitingFile();
  std::int64_t waitingOffset(std::int64_t chunk) const { return chunk * static_cast<std::int64_t>(m_chunkBytes); }

  void restore(const ChunkGrid& runChunks, const CancelToken& cancel);
  bool isPartIntact(const Piece& piece, const JournalRecord& record);
  bool isDone(std::int64_t chunk) const { return !m_done.empty() && m_done[static_cast<std::size_t>(chunk)] != 0; }
  bool isRestored(std::int64_t chunk, std::int64_t position) const;

  ChunkGrid m_grid;
  PixelType m_type;
  double m_fill;
  BufferPool m_pool;
  ResumablePart& m_part;
  ChunkStore& m_store;
  std::size_t m_chunkBytes;
  std::vector<std::atomic<std::int64_t>> m_missing;  ///< values still to come, per chunk
  std::vector<std::uint8_t> m_done;                  ///< per chunk: finished by an earlier run; empty when there was none
  std::vector<PartKey> m_restored;                   ///< pieces of an earlier run in unfinished chunks, ascending
  PartFile m_waiting;                                ///< chunks of which parts have come, at their number
  std::mutex m_mutex;                                ///< guards m_waiting's creation
};

}  // namespace cubeloom
