// SPDX-License-Identifier: GPL-3.0-or-later
// The checksums of a file, taken while it is written in pieces: nobody has to read a finished output again to sum it up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace cubeloom {

/// CRC-32 by segments of a file that is written by position, from any thread and in any order. What was written twice, or in too many
/// pieces to remember, is not known; then the file itself tells. Thread-safe.
class WrittenSums {
 public:
  explicit WrittenSums(std::int64_t segmentBytes) : m_segmentBytes(segmentBytes) {}

  /// These bytes stand in the file from `offset` on.
  void add(std::int64_t offset, const std::byte* data, std::size_t bytes);
  /// The file holds something else in `bytes` bytes from `offset` on.
  void forget(std::int64_t offset, std::int64_t bytes);

  /// Of the segment `number` in a file of `fileBytes`. Unset: not all of it is known.
  std::optional<std::uint32_t> of(std::int64_t number, std::int64_t fileBytes) const;

 private:
  struct Piece {
    std::int64_t end = 0;
    std::uint32_t sum = 0;
  };
  struct Segment {
    bool isKnown = true;
    std::map<std::int64_t, Piece> pieces;  ///< by their begin; those that touch are one
  };
  void addPiece(Segment& segment, std::int64_t begin, Piece piece);
  void forgetSegment(Segment& segment);

  std::int64_t m_segmentBytes;
  mutable std::mutex m_mutex;
  std::unordered_map<std::int64_t, Segment> m_segments;
  std::size_t m_pieces = 0;
};

}  // namespace cubeloom
