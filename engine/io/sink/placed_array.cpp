// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/placed_array.h"

#include "engine/io/file/crc32.h"
#include "engine/io/sink/raw_box.h"

namespace cubeloom {
namespace {

/// Of one piece its own, of several one of all.
std::uint32_t jointSum(const std::vector<std::uint32_t>& sums) {
  return sums.size() == 1 ? sums[0] : crc32(0, reinterpret_cast<const std::byte*>(sums.data()), sums.size() * sizeof(std::uint32_t));
}

}  // namespace

PlacedArray::PlacedArray(const PartFile& file, ResumablePart& part, std::int64_t start, const std::vector<std::int64_t>& shape,
                         std::vector<int> order, PixelType type, BufferPool pool)
    : m_file(file), m_earlyFlush(file), m_part(part), m_starts{start}, m_order(std::move(order)), m_type(type), m_pool(std::move(pool)) {
  for (const int d : m_order) m_shape.push_back(shape[static_cast<std::size_t>(d)]);
}

PlacedArray::PlacedArray(const PartFile& file, ResumablePart& part, std::vector<std::int64_t> starts, int split,
                         const std::vector<std::int64_t>& shape, PixelType type, BufferPool pool)
    : m_file(file), m_earlyFlush(file), m_part(part), m_starts(std::move(starts)), m_split(split), m_type(type), m_pool(std::move(pool)) {
  for (int d = 0; d < static_cast<int>(shape.size()); ++d) {
    if (d == split) continue;
    m_order.push_back(d);
    m_shape.push_back(shape[static_cast<std::size_t>(d)]);
  }
}

std::vector<PlacedArray::Touched> PlacedArray::touchedBy(const Region& region) const {
  if (m_split < 0) return {{m_starts[0], 0}};
  std::vector<Touched> touched;
  const IndexSet& entries = region[static_cast<std::size_t>(m_split)];
  touched.reserve(static_cast<std::size_t>(entries.count()));
  for (std::int64_t i = 0; i < entries.count(); ++i) touched.push_back({m_starts[static_cast<std::size_t>(entries.at(i))], i});
  return touched;
}

std::vector<std::int64_t> PlacedArray::firstOf(const Region& region) const {
  std::vector<std::int64_t> first;
  for (const int d : m_order) first.push_back(region[static_cast<std::size_t>(d)].first());
  return first;
}

std::vector<std::int64_t> PlacedArray::sizeOf(const Region& region) const {
  std::vector<std::int64_t> size;
  for (const int d : m_order) size.push_back(region[static_cast<std::size_t>(d)].count());
  return size;
}

std::vector<std::int64_t> PlacedArray::done(const ChunkGrid& runChunks, const CancelToken& cancel) {
  std::vector<const JournalRecord*> newest(static_cast<std::size_t>(runChunks.count()), nullptr);
  for (const JournalRecord& record : m_part.records())
    if (record.kind == JournalRecord::Part && record.number < newest.size()) newest[record.number] = &record;
  std::vector<std::int64_t> positions;
  for (std::int64_t position = 0; position < runChunks.count() && !cancel.isCanceled(); ++position) {
    const JournalRecord* record = newest[static_cast<std::size_t>(position)];
    if (record == nullptr) continue;
    const Region region = runChunks.region(position);
    std::vector<std::uint32_t> sums;
    for (const Touched& piece : touchedBy(region)) {
      const auto sum = boxChecksum(m_file, piece.start, m_shape, firstOf(region), sizeOf(region), m_type, m_pool);
      if (sum) sums.push_back(*sum);
    }
    if (sums.size() == touchedBy(region).size() && jointSum(sums) == record->checksum) positions.push_back(position);
  }
  m_part.forgetRecords();
  return positions;
}

Result<void> PlacedArray::write(std::int64_t position, const Region& region, const BlockView& chunk) {
  if (chunk.count() == 0) return {};
  std::vector<std::uint32_t> sums;
  for (const Touched& piece : touchedBy(region)) {
    std::vector<int> order = m_order;
    BlockView view = chunk;
    if (m_split >= 0) {
      view = chunk.at(m_split, piece.entry);
      for (int& d : order) d -= d > m_split ? 1 : 0;
    }
    CUBELOOM_TRY(writeBox(m_file, piece.start, m_shape, firstOf(region), view.permuted(order), m_pool, &sums.emplace_back()));
  }
  m_earlyFlush.wrote(chunk.count() * static_cast<std::int64_t>(pixelTypeBytes(m_type)));
  return m_part.record({{JournalRecord::Part, jointSum(sums), static_cast<std::uint64_t>(position), 0, 0}});
}

}  // namespace cubeloom
