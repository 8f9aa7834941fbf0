// SPDX-License-Identifier: GPL-3.0-or-later
// Zarr v2: each chunk of the store is a file of its own, encoded by whoever completes it, so any workers and any chunks give the same
// bytes. The consolidated metadata come last: a folder without them is an unfinished one.
#include <atomic>
#include <cmath>
#include <cstring>
#include <mutex>

#include "engine/array/chunk_grid.h"
#include "engine/base/text.h"
#include "engine/io/folder_output.h"
#include "engine/io/io_error.h"
#include "engine/io/part_file.h"
#include "engine/io/raw_box.h"
#include "engine/io/sink_formats.h"
#include "engine/io/sink_layout.h"
#include "engine/io/sink_target.h"
#include "engine/io/zarr_dataset.h"
#include "engine/io/zarr_folder.h"
#include "engine/io/zarr_metadata.h"

namespace cubeloom {
namespace {

/// Chunk files in one folder: beyond this, file systems and listings grow slow.
constexpr double kMostChunks = 4e6;

/// The pool rounds up: small buffers to pages, large ones to 2 MiB.
double pooled(double bytes) { return bytes + (bytes >= 2097152 ? 2097152 : 4096); }

class ZarrSink : public Sink {
 public:
  ZarrSink(const SinkRequest& request, ZarrCompression compression, FolderOutput folder, BufferPool pool)
      : m_path(request.path),
        m_overwrite(request.overwrite),
        m_spec(request.spec),
        m_compression(compression),
        m_grid(m_spec.shape(), zarrChunkShape(m_spec)),
        m_documents(zarrDocuments(request, m_grid.chunkShape(), compression)),
        m_folder(std::move(folder)),
        m_pool(std::move(pool)),
        m_arrived(m_spec.count()),
        m_missing(static_cast<std::size_t>(m_grid.count())),
        m_sizes(static_cast<std::size_t>(m_grid.count())),
        m_chunkBytes(static_cast<std::size_t>(regionCount(fullRegion(m_grid.chunkShape()))) * pixelTypeBytes(m_spec.type)) {
    for (std::int64_t i = 0; i < m_grid.count(); ++i) m_missing[static_cast<std::size_t>(i)] = regionCount(m_grid.region(i));
  }

  Result<void> begin() {
    for (const std::string& name : m_documents.folders) CUBELOOM_TRY(m_folder.addFolder(name));
    return {};
  }

  Result<void> write(std::int64_t, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_spec, region, chunk));
    if (chunk.count() == 0) return {};
    // The stored chunks that the region touches, row-major.
    std::vector<std::int64_t> first, end, at;
    for (std::size_t d = 0; d < region.size(); ++d) {
      first.push_back(region[d].min() / m_grid.chunkShape()[d]);
      end.push_back(region[d].max() / m_grid.chunkShape()[d] + 1);
    }
    at = first;
    while (true) {
      CUBELOOM_TRY(accept(at, region, chunk));
      std::size_t d = at.size();
      while (d-- > 0) {
        if (++at[d] < end[d]) break;
        at[d] = first[d];
      }
      if (d == static_cast<std::size_t>(-1)) break;
    }
    m_arrived.add(chunk.count());
    return {};
  }

  Result<void> publish() override {
    auto published = tryPublish();
    if (!published) discard();
    return published;
  }

  void discard() override {
    m_waiting.remove();
    m_folder.remove();
  }
  std::int64_t bytesWritten() const override { return m_bytes; }

 private:
  /// The part of `chunk` that lies in the stored chunk `at`.
  Result<void> accept(const std::vector<std::int64_t>& at, const Region& region, const BlockView& chunk) {
    std::vector<std::int64_t> inside, from, size;
    std::int64_t number = 0;
    for (std::size_t d = 0; d < at.size(); ++d) {
      const std::int64_t side = m_grid.chunkShape()[d], begin = at[d] * side;
      const std::int64_t low = std::max(begin, region[d].min()), high = std::min(begin + side, region[d].max() + 1);
      inside.push_back(low - begin);
      from.push_back(low - region[d].min());
      size.push_back(high - low);
      number = number * m_grid.gridShape()[d] + at[d];
    }
    const BlockView part = chunk.sub(from, size);
    std::atomic<std::int64_t>& missing = m_missing[static_cast<std::size_t>(number)];
    const std::int64_t count = part.count();
    if (count == regionCount(m_grid.region(number))) {
      missing -= count;
      Buffer raw = padded(count);
      copyBlock(part, denseView(raw.data(), m_spec.type, m_grid.chunkShape()).sub(inside, size));
      return store(at, number, raw);
    }
    auto file = waitingFile();
    if (!file) return fail(std::move(file.error()));
    const std::int64_t place = number * static_cast<std::int64_t>(m_chunkBytes);
    CUBELOOM_TRY(writeBox(**file, place, m_grid.chunkShape(), inside, part, m_pool));
    if (missing.fetch_sub(count) != count) return {};
    Buffer raw = m_pool.take(m_chunkBytes);
    CUBELOOM_TRY((*file)->read(place, raw.data(), m_chunkBytes));
    (*file)->release(place, static_cast<std::int64_t>(m_chunkBytes));
    padBeyond(number, raw);
    return store(at, number, raw);
  }

  /// A chunk's memory; what no pixel will cover (beyond the array's end) holds the fill value.
  Buffer padded(std::int64_t covered) {
    Buffer raw = m_pool.take(m_chunkBytes);
    if (covered * static_cast<std::int64_t>(pixelTypeBytes(m_spec.type)) < static_cast<std::int64_t>(m_chunkBytes))
      fillBlock(denseView(raw.data(), m_spec.type, m_grid.chunkShape()), fillNumber());
    return raw;
  }

  void padBeyond(std::int64_t number, const Buffer& raw) const {
    const BlockView whole = denseView(raw.data(), m_spec.type, m_grid.chunkShape());
    const std::vector<std::int64_t> valid = regionShape(m_grid.region(number));
    for (std::size_t d = 0; d < valid.size(); ++d) {
      if (valid[d] == whole.shape[d]) continue;
      std::vector<std::int64_t> offset(valid.size(), 0), size = whole.shape;
      offset[d] = valid[d];
      size[d] = whole.shape[d] - valid[d];
      fillBlock(whole.sub(offset, size), fillNumber());
    }
  }

  double fillNumber() const { return m_spec.nodata && !isComplex(m_spec.type) ? *m_spec.nodata : 0; }

  Result<void> store(const std::vector<std::int64_t>& at, std::int64_t number, Buffer& raw) {
    std::string name = m_documents.variable + "/";
    for (std::size_t d = 0; d < at.size(); ++d) name += (d == 0 ? "" : ".") + std::to_string(at[d]);
    if (m_compression == ZarrCompression::None) {
      CUBELOOM_TRY(m_folder.write(name, raw.data(), m_chunkBytes));
      return noteSize(number, m_chunkBytes);
    }
    const std::size_t room = zarrEncodedBound(m_compression, m_chunkBytes);
    const Buffer encoded = m_pool.take(room);
    const std::size_t unit = pixelTypeBytes(m_spec.type) / (isComplex(m_spec.type) ? 2 : 1);
    auto bytes = zarrEncode(m_compression, unit, raw.data(), m_chunkBytes, encoded.data(), room);
    if (!bytes) return fail(std::move(bytes.error()));
    CUBELOOM_TRY(m_folder.write(name, encoded.data(), *bytes));
    return noteSize(number, *bytes);
  }

  Result<void> noteSize(std::int64_t number, std::size_t bytes) {
    m_sizes[static_cast<std::size_t>(number)] = static_cast<std::uint32_t>(bytes);
    m_bytes += static_cast<std::int64_t>(bytes);
    return {};
  }

  Result<const PartFile*> waitingFile() {
    const std::lock_guard lock(m_mutex);
    if (!m_waiting.isOpen()) {
      auto file = PartFile::create(m_path, ".partial");
      if (!file) return fail(std::move(file.error()));
      CUBELOOM_TRY(file->resize(m_grid.count() * static_cast<std::int64_t>(m_chunkBytes)));
      m_waiting = std::move(*file);
    }
    return &m_waiting;
  }

  Result<void> tryPublish() {
    CUBELOOM_TRY(m_arrived.checkComplete(m_path));
    for (const auto& [name, bytes] : m_documents.content) CUBELOOM_TRY(m_folder.write(name, bytes.data(), bytes.size()));
    CUBELOOM_TRY(m_folder.write(".zmetadata", m_documents.consolidated.data(), m_documents.consolidated.size()));
    CUBELOOM_TRY(m_folder.finish());
    CUBELOOM_TRY(verify());
    CUBELOOM_TRY(checkZarrTarget(m_path, m_overwrite));
    CUBELOOM_TRY(m_folder.moveTo(m_path, m_overwrite));
    m_waiting.remove();
    m_bytes += static_cast<std::int64_t>(m_documents.bytes());
    return {};
  }

  /// Reads it back as a user would, and looks at every chunk's size.
  Result<void> verify() const {
    const auto unlike = [this](const std::string& message) {
      return failAt(ErrorCode::WriteFailed, m_path, "'" + m_path + "' failed its check before publishing: " + message,
                    "nothing was published; run again, and look at the disk if it comes back");
    };
    auto store = openZarrFolder(m_folder.path());
    if (!store) return unlike(store.error().message);
    auto opened = openZarr(*store, m_documents.variable);
    if (!opened) return unlike(opened.error().message);
    const ArraySpec& spec = opened->source->spec();
    if (spec.variable != m_documents.variable || spec.shape() != m_spec.shape() || spec.dimNames() != m_spec.dimNames() ||
        spec.type != m_spec.type)
      return unlike("it reads as another array");
    for (std::int64_t i = 0; i < m_grid.count(); ++i) {
      const Region region = m_grid.region(i);
      std::string key = m_documents.variable + "/";
      for (std::size_t d = 0; d < region.size(); ++d)
        key += (d == 0 ? "" : ".") + std::to_string(region[d].first() / m_grid.chunkShape()[d]);
      if (const std::int64_t size = (*store)->size(key); size != m_sizes[static_cast<std::size_t>(i)])
        return unlike("its file " + key + " has " + formatCount(size) + " bytes, not " + formatCount(m_sizes[static_cast<std::size_t>(i)]));
    }
    return {};
  }

  std::string m_path;
  bool m_overwrite;
  ArraySpec m_spec;
  ZarrCompression m_compression;
  ChunkGrid m_grid;
  ZarrDocuments m_documents;
  FolderOutput m_folder;
  BufferPool m_pool;
  ArrivalCount m_arrived;
  std::vector<std::atomic<std::int64_t>> m_missing;  ///< elements, per chunk
  std::vector<std::uint32_t> m_sizes;                ///< bytes, per chunk
  std::size_t m_chunkBytes;
  PartFile m_waiting;  ///< chunks of which parts have come, at their number
  std::mutex m_mutex;
  std::atomic<std::int64_t> m_bytes{0};
};

}  // namespace

Result<SinkPlan> planZarr(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  auto compression = zarrCompression(request.compress);
  if (!compression) return fail(std::move(compression.error()));
  const std::vector<std::int64_t> chunk = zarrChunkShape(spec);
  double chunks = 1;
  for (std::size_t d = 0; d < chunk.size(); ++d)
    chunks *= std::ceil(static_cast<double>(spec.dims[d].size) / static_cast<double>(chunk[d]));
  if (chunks > kMostChunks)
    return invalidParameter("format",
                            "the array would take " + formatCount(static_cast<std::int64_t>(chunks)) + " chunk files, the limit is " +
                                formatCount(static_cast<std::int64_t>(kMostChunks)),
                            "select less, or write GTiff or ENVI");
  const ZarrDocuments documents = zarrDocuments(request, chunk, *compression);
  const auto chunkBytes = static_cast<std::size_t>(regionCount(fullRegion(chunk))) * pixelTypeBytes(spec.type);
  const auto raw = static_cast<double>(chunkBytes);
  const auto bound = static_cast<double>(zarrEncodedBound(*compression, chunkBytes));

  SinkPlan plan;
  plan.format = "Zarr";
  plan.unit = chunk;
  plan.bytesToWrite = chunks * bound + static_cast<double>(documents.bytes()) + 4096;
  // Where chunks come in parts, these wait in a file beside it; the blocks of done ones are given back.
  plan.temporaryBytes = 0;
  plan.fixedMemoryBytes = chunks * 12 + 2 * static_cast<double>(documents.bytes());
  const double encoding =
      *compression == ZarrCompression::None ? 0 : pooled(bound) + static_cast<double>(zarrEncoderBytes(*compression, chunkBytes));
  plan.chunkScratchBytes = std::max(pooled(raw) + encoding, static_cast<double>(kRawScratchBytes));
  return plan;
}

Result<std::unique_ptr<Sink>> openZarrSink(const SinkRequest& request, BufferPool pool) {
  auto compression = zarrCompression(request.compress);
  if (!compression) return fail(std::move(compression.error()));
  auto folder = FolderOutput::create(request.path);
  if (!folder) return fail(std::move(folder.error()));
  auto sink = std::make_unique<ZarrSink>(request, *compression, std::move(*folder), std::move(pool));
  CUBELOOM_TRY(sink->begin());
  return sink;
}

}  // namespace cubeloom
