// SPDX-License-Identifier: GPL-3.0-or-later
// Zarr v2: each chunk of the store is a file of its own, encoded by whoever completes it, so any workers and any chunks give the same
// bytes. The consolidated metadata come last: a folder without them is an unfinished one.
#include <atomic>
#include <cmath>

#include "engine/array/chunk_grid.h"
#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/io/file/crc32.h"
#include "engine/io/file/io_error.h"
#include "engine/io/file/pooled_bytes.h"
#include "engine/io/sink/chunk_assembly.h"
#include "engine/io/sink/folder_output.h"
#include "engine/io/sink/output_variables.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/raw_box.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_formats.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/sink/sink_target.h"
#include "engine/io/source/stored_scales.h"
#include "engine/io/zarr/zarr_dataset.h"
#include "engine/io/zarr/zarr_folder.h"
#include "engine/io/zarr/zarr_metadata.h"

namespace cubeloom {
namespace {

/// Chunk files in one folder: beyond this, file systems and listings grow slow.
constexpr double kMostChunks = 4e6;

class ZarrSink : public Sink, public ChunkStore {
 public:
  ZarrSink(const SinkRequest& request, ZarrCompression compression, BufferPool pool)
      : m_path(request.path),
        m_overwrite(request.overwrite),
        m_runChunk(request.identity.chunk),
        m_spec(request.spec),
        m_compression(compression),
        m_variables(outputVariables(request)),
        m_grid(m_spec.shape(), zarrChunkShape(request, m_variables)),
        m_documents(zarrDocuments(request, m_variables, m_grid.chunkShape(), compression)),
        m_pool(std::move(pool)),
        m_arrived(m_spec.count()),
        m_sizes(static_cast<std::size_t>(m_grid.count())) {}

  Result<void> begin(const SinkRequest& request) {
    auto part = ResumablePart::open(request);
    if (!part) return fail(std::move(part.error()));
    m_part = std::move(*part);
    if (m_part->isPublished()) return {};
    auto folder = FolderOutput::inside(m_part->pathOf("store"), m_path);
    if (!folder) return fail(std::move(folder.error()));
    m_folder = std::move(*folder);
    for (const std::string& name : m_documents.folders) CUBELOOM_TRY(m_folder.addFolder(name));
    const double fill = m_spec.nodata && !isComplex(m_spec.type) ? *m_spec.nodata : 0;
    m_chunks = std::make_unique<ChunkAssembly>(m_grid, m_spec.type, fill, m_pool, *m_part, *this);
    return {};
  }

  std::vector<std::int64_t> done(const CancelToken& cancel) override {
    if (!m_part->isResumed()) return {};
    const ChunkGrid chunks(m_spec.shape(), m_runChunk);
    std::vector<std::int64_t> positions = m_part->isPublished() ? everyPosition(chunks) : m_chunks->done(chunks, cancel);
    for (const std::int64_t position : positions) m_arrived.add(regionCount(chunks.region(position)));
    return positions;
  }

  Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_spec, region, chunk));
    CUBELOOM_TRY(m_chunks->write(position, region, chunk));
    m_arrived.add(chunk.count());
    return m_part->recordChunk(position);
  }

  void stopJournal() override { m_part->stopJournal(); }

  Result<void> publish(const CancelToken& cancel) override {
    CUBELOOM_TRY(m_arrived.checkComplete(m_path));
    if (m_part->isPublished()) return {};
    for (const auto& [name, bytes] : m_documents.content) CUBELOOM_TRY(m_folder.write(name, bytes.data(), bytes.size()));
    CUBELOOM_TRY(m_folder.write(".zmetadata", m_documents.consolidated.data(), m_documents.consolidated.size()));
    CUBELOOM_TRY(m_folder.finish(cancel));
    CUBELOOM_TRY(verify(cancel));
    CUBELOOM_TRY(checkZarrTarget(m_path, m_overwrite));
    CUBELOOM_TRY(m_part->recordPublishing(m_folder.path()));
    CUBELOOM_TRY(m_folder.moveTo(m_path, m_overwrite));
    m_chunks->discard();
    m_bytes += static_cast<std::int64_t>(m_documents.bytes());
    return {};
  }

  void discard() override {
    if (m_chunks) m_chunks->discard();
    m_folder.remove();
    if (m_part) m_part->remove();
  }
  std::string keep() override {
    if (m_chunks) m_chunks->leave();
    m_folder.leave();
    return m_part ? m_part->keep() : std::string();
  }
  std::int64_t bytesWritten() const override { return m_bytes; }

 private:
  std::string fileOf(std::int64_t number) const {
    const Region region = m_grid.region(number);
    std::vector<std::string> places;
    for (std::size_t d = 0; d < region.size(); ++d)
      if (static_cast<int>(d) != m_variables.dim) places.push_back(std::to_string(region[d].first() / m_grid.chunkShape()[d]));
    return m_documents.variables[m_variables.of(region)] + "/" + (places.empty() ? "0" : join(places, "."));
  }

  Result<JournalRecord> store(std::int64_t number, const Buffer& raw) override {
    if (m_compression == ZarrCompression::None) return store(number, raw.data(), raw.size());
    const std::size_t room = zarrEncodedBound(m_compression, raw.size());
    const Buffer encoded = m_pool.take(room);
    const std::size_t unit = pixelTypeBytes(m_spec.type) / (isComplex(m_spec.type) ? 2 : 1);
    auto bytes = zarrEncode(m_compression, unit, raw.data(), raw.size(), encoded.data(), room);
    if (!bytes) return fail(std::move(bytes.error()));
    return store(number, encoded.data(), *bytes);
  }

  /// A file of its own; `b` of the record are its bytes.
  Result<JournalRecord> store(std::int64_t number, const std::byte* data, std::size_t bytes) {
    CUBELOOM_TRY(m_folder.write(fileOf(number), data, bytes));
    noteSize(number, bytes);
    return JournalRecord{JournalRecord::Block, crc32(0, data, bytes), static_cast<std::uint64_t>(number), 0,
                         static_cast<std::int64_t>(bytes)};
  }

  bool takeOver(const JournalRecord& record) override {
    const auto number = static_cast<std::int64_t>(record.number);
    const std::size_t raw = m_chunks->chunkBytes();
    const std::size_t most = m_compression == ZarrCompression::None ? raw : zarrEncodedBound(m_compression, raw);
    if (record.b < 1 || record.b > static_cast<std::int64_t>(most)) return false;
    PartFile file = PartFile::inside(m_folder.path() + "/" + fileOf(number), m_path);
    bool isRight = false;
    if (file.openOrCreate() && file.sizeBytes() == record.b) {
      const Buffer bytes = m_pool.take(static_cast<std::size_t>(record.b));
      isRight = file.read(0, bytes.data(), bytes.size()) && crc32(0, bytes.data(), bytes.size()) == record.checksum;
    }
    file.leave();
    if (isRight) noteSize(number, static_cast<std::size_t>(record.b));
    return isRight;
  }

  void noteSize(std::int64_t number, std::size_t bytes) {
    m_sizes[static_cast<std::size_t>(number)] = static_cast<std::uint32_t>(bytes);
    m_bytes += static_cast<std::int64_t>(bytes);
  }

  /// Reads it back as a user would, and looks at every chunk's size.
  Result<void> verify(const CancelToken& cancel) const {
    const auto unlike = [this](const std::string& message) {
      return failAt(ErrorCode::WriteFailed, m_path, "'" + m_path + "' failed its check before publishing: " + message,
                    "nothing was published; run again, and look at the disk if it comes back");
    };
    auto store = openZarrFolder(m_folder.path());
    if (!store) return unlike(store.error().message);
    for (std::size_t i = 0; i < m_variables.count(); ++i)
      if (const std::string message = differenceOf(*store, i); !message.empty()) return unlike(message);
    for (std::int64_t i = 0; i < m_grid.count(); ++i) {
      CUBELOOM_TRY(checkNotCanceled(cancel, m_path));
      const std::string key = fileOf(i);
      if (const std::int64_t size = (*store)->size(key); size != m_sizes[static_cast<std::size_t>(i)])
        return unlike("its file " + key + " has " + formatCount(size) + " bytes, not " + formatCount(m_sizes[static_cast<std::size_t>(i)]));
    }
    return {};
  }

  /// What `open` would read otherwise than it was written; "" where nothing is. A single number is no array that it opens.
  std::string differenceOf(const std::shared_ptr<ZarrStore>& store, std::size_t variable) const {
    const ArraySpec& written = m_variables.specs[variable];
    const std::string& name = m_documents.variables[variable];
    if (written.dims.empty()) return {};
    auto opened = openZarr(store, {.path = m_folder.path(), .variable = name, .driver = {}});
    if (!opened) return opened.error().message;
    const ArraySpec& spec = opened->source->spec();
    const bool hasType = spec.type == written.type || written.storedScale;  // which is applied when it is read
    const bool isSame = spec.variable == name && spec.shape() == written.shape() && spec.dimNames() == m_documents.dims;
    return isSame && hasType ? std::string() : "it reads as another array";
  }

  std::string m_path;
  bool m_overwrite;
  std::vector<std::int64_t> m_runChunk;
  ArraySpec m_spec;
  ZarrCompression m_compression;
  OutputVariables m_variables;
  ChunkGrid m_grid;  ///< of the whole array
  ZarrDocuments m_documents;
  std::unique_ptr<ResumablePart> m_part;  // outlives the files in it
  FolderOutput m_folder;
  BufferPool m_pool;
  ArrivalCount m_arrived;
  std::unique_ptr<ChunkAssembly> m_chunks;
  std::vector<std::uint32_t> m_sizes;  ///< bytes, per chunk
  std::atomic<std::int64_t> m_bytes{0};
};

}  // namespace

Result<SinkPlan> planZarr(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  auto compression = zarrCompression(request.compress);
  if (!compression) return fail(std::move(compression.error()));
  const OutputVariables variables = outputVariables(request);
  const std::vector<std::int64_t> chunk = zarrChunkShape(request, variables);
  double chunks = 1;
  for (std::size_t d = 0; d < chunk.size(); ++d)
    chunks *= std::ceil(static_cast<double>(spec.dims[d].size) / static_cast<double>(chunk[d]));
  if (chunks > kMostChunks)
    return invalidParameter("format",
                            "the array would take " + formatCount(static_cast<std::int64_t>(chunks)) + " chunk files, the limit is " +
                                formatCount(static_cast<std::int64_t>(kMostChunks)),
                            "select less, or write GTiff or ENVI");
  const ZarrDocuments documents = zarrDocuments(request, variables, chunk, *compression);
  const auto chunkBytes = static_cast<std::size_t>(regionCount(fullRegion(chunk))) * pixelTypeBytes(spec.type);
  const auto raw = static_cast<double>(chunkBytes);
  const auto bound = static_cast<double>(zarrEncodedBound(*compression, chunkBytes));

  SinkPlan plan;
  plan.format = "Zarr";
  plan.warnings = oneScaleWarnings(spec, plan.format);
  plan.unit = chunk;
  plan.bytesToWrite = chunks * bound + static_cast<double>(documents.bytes()) + 4096;
  // Where chunks come in parts, these wait in a file beside it; the blocks of done ones are given back.
  plan.temporaryBytes = 0;
  plan.fixedMemoryBytes = ChunkAssembly::indexBytes(chunks) + chunks * 4 + 2 * static_cast<double>(documents.bytes());
  const double encoding =
      *compression == ZarrCompression::None ? 0 : pooledBytes(bound) + static_cast<double>(zarrEncoderBytes(*compression, chunkBytes));
  plan.chunkScratchBytes = std::max(pooledBytes(raw) + encoding, static_cast<double>(kRawScratchBytes));
  return plan;
}

Result<std::unique_ptr<Sink>> openZarrSink(const SinkRequest& request, BufferPool pool) {
  auto compression = zarrCompression(request.compress);
  if (!compression) return fail(std::move(compression.error()));
  auto sink = std::make_unique<ZarrSink>(request, *compression, std::move(pool));
  if (auto begun = guarded([&] { return sink->begin(request); }); !begun) {
    sink->keep();  // what an earlier run has left is not lost with it
    return fail(std::move(begun.error()));
  }
  return sink;
}

}  // namespace cubeloom
