// SPDX-License-Identifier: GPL-3.0-or-later
// The blocks of a TIFF being written: assembled from chunks of any shape in any order, halved into overviews, compressed by the thread
// that brings the last pixel of a block. Memory does not grow with what is unfinished: parts of blocks wait in a file.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/array/buffer_pool.h"
#include "engine/array/chunk_grid.h"
#include "engine/base/cancel.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/tiff/tiff_layout.h"

namespace cubeloom {

/// Where blocks wait. Uncompressed files: in place, at known offsets, and nothing else is kept. Compressed ones: encoded in a spool file in
/// the order in which they were finished (the sink copies them in canonical order), partial ones as raw pixels in a file with holes.
///
/// The journal holds a Part for every piece that waits (number: block, a and b: its rectangle there) and a Block for every finished one
/// (a, b: offset and size in the spool). A finished block's record comes after those of what it hands on to the next overview: a block
/// that is there has nothing left to say.
class TiffBlocks {
 public:
  /// Uncompressed: `file` is the output and `levelStart` the byte of each level's first block. All outlive this.
  TiffBlocks(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool, ResumablePart& part, const PartFile& file,
             std::vector<std::int64_t> levelStart);
  /// Compressed: further files of `part`.
  static Result<std::unique_ptr<TiffBlocks>> compressed(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool,
                                                        ResumablePart& part);

  /// What a chunk has brought: for the journal once all of it is in its place, and the waiting pixels nobody needs then.
  struct Notes {
    std::vector<JournalRecord> records;
    std::vector<std::pair<std::int64_t, std::int64_t>> used;  // (offset, bytes)
  };
  /// Thread-safe for disjoint pieces of full resolution: of one band each, or of all bands where those lie side by side.
  Result<void> accept(const BandPiece& piece, Notes& notes) { return accept(0, piece, notes); }
  Result<void> commit(const Notes& notes);

  /// Takes over what the part's journal names, as far as its checksums agree. Before the first accept(). What an earlier run has left is
  /// passed over when it comes again.
  void restore(const CancelToken& cancel);
  /// The chunks of which nothing has to come again.
  std::vector<std::int64_t> doneChunks(const ArraySpec& spec, const ChunkGrid& chunks);

  /// Of finished blocks, in canonical order: level by level, plane by plane, row-major. Compressed only.
  std::size_t encodedBytes(std::size_t block) const { return m_places[block].bytes; }
  Result<void> readEncoded(std::size_t block, std::byte* to) const {
    return m_spool.read(m_places[block].offset, to, m_places[block].bytes);
  }
  std::int64_t spooledBytes() const { return m_spoolEnd; }
  void discard();
  /// Closes the files and lets them lie.
  void leave();

  /// Most memory of one accept() beyond its piece, and what is kept for all blocks.
  static double scratchBytes(const TiffLayout& layout);
  static double indexBytes(const TiffLayout& layout);

 private:
  struct Place {
    std::int64_t offset = 0;
    std::size_t bytes = 0;
  };
  /// One block: its level, its place there, and its number in canonical order.
  struct BlockId {
    std::size_t level = 0;
    std::int64_t plane = 0, row = 0, col = 0;
    std::size_t number = 0;
  };
  class EncoderLease;

  /// A piece of a block: where it lies in the block, and where in the piece it was cut from.
  struct Part {
    BlockId block;
    std::int64_t row = 0, col = 0, rows = 0, cols = 0;
    std::int64_t pieceRow = 0, pieceCol = 0;
  };
  struct PartKey {
    std::size_t block = 0;
    std::int64_t row = 0, col = 0;
    auto operator<=>(const PartKey&) const = default;
  };
  using PartRecords = std::vector<std::pair<PartKey, JournalRecord>>;

  TiffBlocks(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool, ResumablePart& part);
  std::vector<Part> partsOf(std::size_t level, std::int64_t plane, std::int64_t row, std::int64_t col, std::int64_t rows,
                            std::int64_t cols) const;
  Result<void> accept(std::size_t level, const BandPiece& piece, Notes& notes);
  Result<void> acceptPart(const Part& part, const BlockView& pixels, Notes& notes);
  Result<void> finishBlock(const BlockId& block, Buffer raw, bool isInPlace, Notes& notes);
  Result<JournalRecord> spool(const BlockId& block, std::byte* raw);
  /// [rows, cols] or [rows, cols, samples...] of so many pixels, and the place of pixel (row, col) in such a shape.
  std::vector<std::int64_t> shapeOf(std::int64_t rows, std::int64_t cols) const;
  std::vector<std::int64_t> placeOf(std::int64_t row, std::int64_t col) const;
  std::vector<std::int64_t> storedShape(const BlockId& block) const;
  std::size_t storedBytes(const BlockId& block) const;
  /// Makes what of a stored block lies outside the image zero; true when it was not.
  bool clearPadding(const BlockId& block, std::byte* raw) const;
  /// Rows and columns of the next overview that a block's means fill.
  std::vector<Part> heirs(const BlockId& block) const;

  BlockId blockAt(std::size_t number) const;
  bool isDone(std::size_t block) const { return !m_done.empty() && m_done[block] != 0; }
  bool isRestored(const Part& part) const;
  bool isIntact(const BlockId& block, const JournalRecord& record) const;
  bool isPartIntact(const BlockId& block, const JournalRecord& record);
  void restorePadding();
  void restoreLevel(std::size_t level, const std::vector<const JournalRecord*>& blocks, const PartRecords& parts,
                    const CancelToken& cancel);
  Result<const PartFile*> waitingFile();
  std::int64_t waitingOffset(const BlockId& block) const;
  bool isCompressed() const { return m_layout.compression != TiffCompression::None; }

  const TiffLayout m_layout;
  const std::optional<double> m_nodata;
  BufferPool m_pool;
  ResumablePart& m_part;
  const PartFile* m_output = nullptr;
  std::vector<std::int64_t> m_levelStart;             // bytes: in the output, or in the file of waiting parts
  std::vector<std::size_t> m_levelFirst;              // number of the level's first block
  std::vector<std::atomic<std::uint32_t>> m_missing;  // pixels still to come, per block; empty when nobody asks
  std::vector<Place> m_places;
  std::vector<std::uint8_t> m_done;  // per block: finished by an earlier run; empty when there was none
  std::vector<PartKey> m_restored;   // pieces of an earlier run in unfinished blocks, sorted
  PartFile m_spool, m_waiting;
  std::atomic<std::int64_t> m_spoolEnd{0};
  std::mutex m_mutex;  // guards m_waiting's creation and m_encoders
  std::vector<std::unique_ptr<TiffEncoder>> m_encoders;
};

}  // namespace cubeloom
