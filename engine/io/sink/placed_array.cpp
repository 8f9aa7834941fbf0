// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/placed_array.h"

#include "engine/io/sink/raw_box.h"

namespace cubeloom {

PlacedArray::PlacedArray(const PartFile& file, ResumablePart& part, std::int64_t start, const std::vector<std::int64_t>& shape,
                         std::vector<int> order, PixelType type, BufferPool pool)
    : m_file(file), m_earlyFlush(file), m_part(part), m_start(start), m_order(std::move(order)), m_type(type), m_pool(std::move(pool)) {
  for (const int d : m_order) m_shape.push_back(shape[static_cast<std::size_t>(d)]);
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
    const auto checksum = boxChecksum(m_file, m_start, m_shape, firstOf(region), sizeOf(region), m_type, m_pool);
    if (checksum && *checksum == record->checksum) positions.push_back(position);
  }
  m_part.forgetRecords();
  return positions;
}

Result<void> PlacedArray::write(std::int64_t position, const Region& region, const BlockView& chunk) {
  if (chunk.count() == 0) return {};
  std::uint32_t checksum = 0;
  CUBELOOM_TRY(writeBox(m_file, m_start, m_shape, firstOf(region), chunk.permuted(m_order), m_pool, &checksum));
  m_earlyFlush.wrote(chunk.count() * static_cast<std::int64_t>(pixelTypeBytes(m_type)));
  return m_part.record({{JournalRecord::Part, checksum, static_cast<std::uint64_t>(position), 0, 0}});
}

}  // namespace cubeloom
