// SPDX-License-Identifier: GPL-3.0-or-later
// What one part of a run makes of an output: its chunks as they are computed, before any format. The bytes of the output follow from the
// chunks alone, so whoever puts the parts together writes what one run would have written.
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <mutex>
#include <system_error>

#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/io/file/crc32.h"
#include "engine/io/sink/parts_of_run.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/sink/unit_file.h"

namespace cubeloom {
namespace {

/// The journal holds a Block for every unit (a, b: offset and bytes in the file "units").
class UnitSink : public Sink {
 public:
  UnitSink(SinkRequest request, BufferPool pool) : m_request(std::move(request)), m_pool(std::move(pool)) {
    m_index.part = m_request.place.part;
    m_index.range = m_request.place.units;
  }

  Result<void> begin() {
    const std::string folder = partsFolder(m_request);
    if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST)
      return writeFailed(m_request.path, "cannot create the folder '" + folder + "' for its parts", errno);
    m_isMade = isPartMade(m_request);
    if (m_isMade) return {};
    SinkRequest own = m_request;
    own.path = partPath(m_request);
    own.resume = true;
    auto part = ResumablePart::open(own, ResumablePart::Others::Beside);
    if (!part) return fail(std::move(part.error()));
    m_part = std::move(*part);
    if (m_part->isPublished()) CUBELOOM_TRY(m_part->startOver());  // yet it is not whole
    m_index.header = {nameOf(own.path), m_request.identity};
    auto file = m_part->file("units");
    if (!file) return fail(std::move(file.error()));
    m_file = std::move(*file);
    m_end = m_file.sizeBytes();
    return {};
  }

  std::vector<std::int64_t> done(const CancelToken& cancel) override {
    std::vector<std::int64_t> numbers;
    if (m_isMade) {
      for (std::int64_t unit = m_index.range.first; unit < m_index.range.end; ++unit) numbers.push_back(unit);
      return numbers;
    }
    std::map<std::uint64_t, JournalRecord> newest;
    for (const JournalRecord& record : m_part->records())
      if (record.kind == JournalRecord::Block) newest[record.number] = record;
    m_part->forgetRecords();
    for (const auto& [number, record] : newest) {
      if (cancel.isCanceled()) break;
      const auto unit = static_cast<std::int64_t>(number);
      if (unit < m_index.range.first || unit >= m_index.range.end || !isIntact(record)) continue;
      m_index.units.push_back({number, record.a, record.b, record.checksum, 0});
      m_bytes += record.b;
      numbers.push_back(unit);
    }
    return numbers;
  }

  Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_request.spec, region, chunk));
    const std::size_t bytes = static_cast<std::size_t>(chunk.count()) * pixelTypeBytes(chunk.type);
    if (chunk.isDense()) return append(position, chunk.data, bytes);
    const Buffer dense = m_pool.take(bytes);
    copyBlock(chunk, denseView(dense.data(), chunk.type, chunk.shape));
    return append(position, dense.data(), bytes);
  }

  Result<void> writeState(std::int64_t unit, const std::vector<std::byte>& state) override {
    return append(unit, state.data(), state.size());
  }

  void stopJournal() override {
    if (m_part) m_part->stopJournal();
  }

  Result<void> publish(const CancelToken& /*cancel*/) override {
    if (m_isMade) return {};
    if (const auto units = static_cast<std::int64_t>(m_index.units.size()); units != m_index.range.count())
      return fail(ErrorCode::Internal, formatCount(units) + " of " + formatCount(m_index.range.count()) + " units of a part arrived");
    std::sort(m_index.units.begin(), m_index.units.end(), [](const PlacedUnit& a, const PlacedUnit& b) { return a.number < b.number; });
    CUBELOOM_TRY(writeUnitIndex(m_file, m_end, m_index));
    CUBELOOM_TRY(m_file.finish());
    const std::string path = partPath(m_request);
    CUBELOOM_TRY(m_part->recordPublishing(m_file.path()));
    if (auto moved = m_file.moveTo(path, true); !moved) {
      // A copy of this part was faster, and so was the end of the run: nobody needs this one any more.
      struct stat found {};
      if (::stat(partsFolder(m_request).c_str(), &found) != 0 && ::stat(m_request.path.c_str(), &found) == 0) return {};
      return moved;
    }
    if (isPartMade(m_request)) return {};
    return failAt(ErrorCode::WriteFailed, m_request.path, "'" + path + "' does not read back as it was written",
                  "run this part again, and look at the disk if it comes back");
  }

  void discard() override {
    m_file.remove();
    if (m_part) m_part->remove();
  }
  std::string keep() override {
    m_file.leave();
    return m_part ? m_part->keep() : std::string();
  }
  std::int64_t bytesWritten() const override { return m_bytes; }

 private:
  Result<void> append(std::int64_t unit, const std::byte* data, std::size_t bytes) {
    const auto length = static_cast<std::int64_t>(bytes);
    const std::int64_t offset = m_end.fetch_add(length);
    CUBELOOM_TRY(m_file.write(offset, data, bytes));
    const std::uint32_t checksum = crc32(0, data, bytes);
    CUBELOOM_TRY(m_part->record({{JournalRecord::Block, checksum, static_cast<std::uint64_t>(unit), offset, length}}));
    m_bytes += length;
    const std::lock_guard lock(m_mutex);
    m_index.units.push_back({static_cast<std::uint64_t>(unit), offset, length, checksum, 0});
    return {};
  }

  bool isIntact(const JournalRecord& record) {
    if (record.b < 0 || record.a < 0 || record.a > m_end - record.b) return false;
    const Buffer bytes = m_pool.take(static_cast<std::size_t>(std::max<std::int64_t>(record.b, 1)));
    return m_file.read(record.a, bytes.data(), static_cast<std::size_t>(record.b)) &&
           crc32(0, bytes.data(), static_cast<std::size_t>(record.b)) == record.checksum;
  }

  SinkRequest m_request;
  BufferPool m_pool;
  bool m_isMade = false;
  std::unique_ptr<ResumablePart> m_part;  // outlives the file in it
  PartFile m_file;
  std::atomic<std::int64_t> m_end{0}, m_bytes{0};
  std::mutex m_mutex;  ///< guards m_index.units
  UnitIndex m_index;
};

}  // namespace

Result<std::unique_ptr<Sink>> openUnitSink(const SinkRequest& request, BufferPool pool) {
  auto sink = std::make_unique<UnitSink>(request, std::move(pool));
  if (auto begun = guarded([&] { return sink->begin(); }); !begun) {
    sink->keep();  // what an earlier run has left is not lost with it
    return fail(std::move(begun.error()));
  }
  return sink;
}

}  // namespace cubeloom
