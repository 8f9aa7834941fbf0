// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/written_sums.h"

#include <algorithm>
#include <iterator>

#include "engine/io/file/crc32.h"

namespace cubeloom {
namespace {

/// Some 5 MiB of memory. A segment that has more is read from the file.
constexpr std::size_t kMostPieces = std::size_t{1} << 16;

}  // namespace

void WrittenSums::add(std::int64_t offset, const std::byte* data, std::size_t bytes) {
  const std::int64_t end = offset + static_cast<std::int64_t>(bytes);
  while (offset < end) {
    const std::int64_t number = offset / m_segmentBytes;
    const std::int64_t until = std::min(end, (number + 1) * m_segmentBytes);
    const auto here = static_cast<std::size_t>(until - offset);
    const Piece piece{until, crc32(0, data, here)};
    {
      const std::lock_guard lock(m_mutex);
      addPiece(m_segments[number], offset, piece);
    }
    data += here;
    offset = until;
  }
}

void WrittenSums::forget(std::int64_t offset, std::int64_t bytes) {
  if (bytes <= 0) return;
  const std::lock_guard lock(m_mutex);
  for (std::int64_t number = offset / m_segmentBytes; number <= (offset + bytes - 1) / m_segmentBytes; ++number)
    forgetSegment(m_segments[number]);
}

void WrittenSums::forgetSegment(Segment& segment) {
  m_pieces -= segment.pieces.size();
  segment = {false, {}};
}

void WrittenSums::addPiece(Segment& segment, std::int64_t begin, Piece piece) {
  if (!segment.isKnown) return;
  auto next = segment.pieces.lower_bound(begin);
  const bool hasBefore = next != segment.pieces.begin();
  const auto before = hasBefore ? std::prev(next) : next;
  const bool isTwice = (hasBefore && before->second.end > begin) || (next != segment.pieces.end() && next->first < piece.end);
  if (isTwice) return forgetSegment(segment);
  if (next != segment.pieces.end() && next->first == piece.end) {
    piece = {next->second.end, joinedCrc32(piece.sum, next->second.sum, next->second.end - next->first)};
    segment.pieces.erase(next);
    --m_pieces;
  }
  if (hasBefore && before->second.end == begin) {
    before->second = {piece.end, joinedCrc32(before->second.sum, piece.sum, piece.end - begin)};
    return;
  }
  if (m_pieces >= kMostPieces) return forgetSegment(segment);
  segment.pieces.emplace(begin, piece);
  ++m_pieces;
}

std::optional<std::uint32_t> WrittenSums::of(std::int64_t number, std::int64_t fileBytes) const {
  const std::lock_guard lock(m_mutex);
  const auto found = m_segments.find(number);
  if (found == m_segments.end() || found->second.pieces.size() != 1) return std::nullopt;
  const auto& [begin, piece] = *found->second.pieces.begin();
  if (begin != number * m_segmentBytes || piece.end != std::min(begin + m_segmentBytes, fileBytes)) return std::nullopt;
  return piece.sum;
}

}  // namespace cubeloom
