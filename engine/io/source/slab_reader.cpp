// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/slab_reader.h"

#include <algorithm>
#include <utility>

namespace cubeloom {
namespace {

constexpr std::int64_t kPieceBytes = std::int64_t{1} << 20;

}  // namespace

std::vector<std::int64_t> linesAtOnce(const std::vector<std::int64_t>& shape, std::int64_t elementBytes, std::size_t inner) {
  std::vector<std::int64_t> lines(shape.size(), 1);
  std::int64_t bytes = elementBytes;
  for (std::size_t d = shape.size(); d-- > inner && bytes < kPieceBytes;) {
    lines[d] = std::clamp<std::int64_t>(kPieceBytes / bytes, 1, std::max<std::int64_t>(shape[d], 1));
    bytes *= lines[d];
    if (lines[d] < shape[d]) break;
  }
  return lines;
}

SlabReader::SlabReader(std::shared_ptr<RawFile> file, Slabs slabs) : m_file(std::move(file)), m_slabs(std::move(slabs)) {
  m_chunk = linesAtOnce(m_slabs.shape, m_slabs.elementBytes, m_slabs.recordBytes != 0 ? 1 : 0);
  std::int64_t bytes = m_slabs.elementBytes;
  for (const std::int64_t lines : m_chunk) bytes *= lines;
  m_roomBytes = static_cast<std::size_t>(bytes);
  m_storedChunkBytes = static_cast<double>(bytes);
}

Result<std::byte*> SlabReader::read(const std::vector<std::int64_t>& origin, std::byte* a, std::byte* /*b*/) {
  const std::vector<std::int64_t>& shape = m_slabs.shape;
  std::int64_t at = 0, count = 1, stride = 1;
  for (std::size_t d = shape.size(); d-- > (m_slabs.recordBytes != 0 ? 1 : 0);) {
    at += origin[d] * stride;
    count *= std::min(m_chunk[d], shape[d] - origin[d]);
    stride *= shape[d];
  }
  const std::int64_t bytes = count * m_slabs.elementBytes;
  std::int64_t offset = m_slabs.begin + at * m_slabs.elementBytes;
  if (m_slabs.recordBytes != 0) offset += origin[0] * m_slabs.recordBytes;
  CUBELOOM_TRY(m_file->read(a, bytes, offset, offset + bytes));
  return a;
}

}  // namespace cubeloom
