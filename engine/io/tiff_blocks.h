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
#include "engine/io/part_file.h"
#include "engine/io/sink_layout.h"
#include "engine/io/tiff_layout.h"

namespace cubeloom {

/// Where blocks wait. Uncompressed files: in place, at known offsets, and nothing else is kept. Compressed ones: encoded in a spool file in
/// the order in which they were finished (the sink copies them in canonical order), partial ones as raw pixels in a file with holes.
class TiffBlocks {
 public:
  /// Uncompressed: `file` is the output and `levelStart` the byte of each level's first block. Both outlive this.
  TiffBlocks(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool, const PartFile& file,
             std::vector<std::int64_t> levelStart);
  /// Compressed: temporary files beside `target`.
  static Result<std::unique_ptr<TiffBlocks>> compressed(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool,
                                                        const std::string& target);

  /// Thread-safe for disjoint pieces of full resolution.
  Result<void> accept(const BandPiece& piece) { return accept(0, piece); }

  /// Of finished blocks, in canonical order: level by level, band by band, row-major. Compressed only.
  std::size_t encodedBytes(std::size_t block) const { return m_places[block].bytes; }
  Result<void> readEncoded(std::size_t block, std::byte* to) const {
    return m_spool.read(m_places[block].offset, to, m_places[block].bytes);
  }
  std::int64_t spooledBytes() const { return m_spoolEnd; }
  void discard();

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
    std::int64_t band = 0, row = 0, col = 0;
    std::size_t number = 0;
  };
  class EncoderLease;

  TiffBlocks(const TiffLayout& layout, std::optional<double> nodata, BufferPool pool);
  Result<void> accept(std::size_t level, const BandPiece& piece);
  Result<void> acceptPart(const BlockId& block, std::int64_t row, std::int64_t col, const BlockView& part);
  Result<void> finishBlock(const BlockId& block, Buffer raw, bool isInPlace);
  Result<void> spool(const BlockId& block, std::byte* raw);
  Result<const PartFile*> waitingFile();
  std::int64_t waitingOffset(const BlockId& block) const;
  bool isCompressed() const { return m_layout.compression != TiffCompression::None; }

  const TiffLayout m_layout;
  const std::optional<double> m_nodata;
  BufferPool m_pool;
  const std::size_t m_elementBytes;
  std::string m_target;
  const PartFile* m_output = nullptr;
  std::vector<std::int64_t> m_levelStart;             // bytes: in the output, or in the file of waiting parts
  std::vector<std::size_t> m_levelFirst;              // number of the level's first block
  std::vector<std::atomic<std::uint32_t>> m_missing;  // pixels still to come, per block; empty when nobody asks
  std::vector<Place> m_places;
  PartFile m_spool, m_waiting;
  std::atomic<std::int64_t> m_spoolEnd{0};
  std::mutex m_mutex;  // guards m_waiting's creation and m_encoders
  std::vector<std::unique_ptr<TiffEncoder>> m_encoders;
};

}  // namespace cubeloom
