// SPDX-License-Identifier: GPL-3.0-or-later
// Zarr v2: each chunk of the store is a file of its own, encoded by whoever completes it, so any workers and any chunks give the same
// bytes. The consolidated metadata come last: a folder without them is an unfinished one.
#include <atomic>
#include <cmath>
#include <cstring>
#include <map>
#include <mutex>

#include "engine/array/chunk_grid.h"
#include "engine/base/text.h"
#include "engine/io/crc32.h"
#include "engine/io/folder_output.h"
#include "engine/io/io_error.h"
#include "engine/io/part_file.h"
#include "engine/io/raw_box.h"
#include "engine/io/resumable_part.h"
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

/// The journal holds a Block for every chunk file (number: the chunk, b: its bytes) and a Part for every piece of one that waits (number:
/// the chunk, a: the position of the run's chunk that brought it).
class ZarrSink : public Sink {
 public:
  ZarrSink(const SinkRequest& request, ZarrCompression compression, BufferPool pool)
      : m_path(request.path),
        m_overwrite(request.overwrite),
        m_runChunk(request.identity.chunk),
        m_spec(request.spec),
        m_compression(compression),
        m_grid(m_spec.shape(), zarrChunkShape(m_spec)),
        m_documents(zarrDocuments(request, m_grid.chunkShape(), compression)),
        m_pool(std::move(pool)),
        m_arrived(m_spec.count()),
        m_missing(static_cast<std::size_t>(m_grid.count())),
        m_sizes(static_cast<std::size_t>(m_grid.count())),
        m_chunkBytes(static_cast<std::size_t>(regionCount(fullRegion(m_grid.chunkShape()))) * pixelTypeBytes(m_spec.type)) {
    for (std::int64_t i = 0; i < m_grid.count(); ++i) m_missing[static_cast<std::size_t>(i)] = regionCount(m_grid.region(i));
  }

  Result<void> begin(const SinkRequest& request) {
    auto part = ResumablePart::open(request);
    if (!part) return fail(std::move(part.error()));
    m_part = std::move(*part);
    if (m_part->isPublished()) return {};
    auto folder = FolderOutput::inside(m_part->pathOf("store"), m_path);
    if (!folder) return fail(std::move(folder.error()));
    m_folder = std::move(*folder);
    for (const std::string& name : m_documents.folders) CUBELOOM_TRY(m_folder.addFolder(name));
    return {};
  }

  std::vector<std::int64_t> done(const CancelToken& cancel) override {
    std::vector<std::int64_t> positions;
    if (!m_part->isResumed()) return positions;
    const ChunkGrid chunks(m_spec.shape(), m_runChunk);
    if (!m_part->isPublished()) restore(chunks, cancel);
    for (std::int64_t position = 0; position < chunks.count(); ++position) {
      const Region region = chunks.region(position);
      const std::vector<Piece> pieces = piecesOf(region);
      const bool isThere = m_part->isPublished() || std::all_of(pieces.begin(), pieces.end(), [&](const Piece& piece) {
                             return isDone(piece.number) || isRestored(piece.number, position);
                           });
      if (!isThere) continue;
      positions.push_back(position);
      m_arrived.add(regionCount(region));
    }
    return positions;
  }

  Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_spec, region, chunk));
    if (chunk.count() == 0) return {};
    Notes notes;
    for (const Piece& piece : piecesOf(region))
      if (!isDone(piece.number) && !isRestored(piece.number, position)) CUBELOOM_TRY(accept(piece, position, chunk, notes));
    CUBELOOM_TRY(m_part->record(notes.records));
    // Only now: should the process have ended before, the pieces would still be needed.
    for (const std::int64_t number : notes.used)
      m_waiting.release(number * static_cast<std::int64_t>(m_chunkBytes), static_cast<std::int64_t>(m_chunkBytes));
    m_arrived.add(chunk.count());
    return {};
  }

  void stopJournal() override { m_part->stopJournal(); }

  Result<void> publish() override {
    CUBELOOM_TRY(m_arrived.checkComplete(m_path));
    if (m_part->isPublished()) return {};
    for (const auto& [name, bytes] : m_documents.content) CUBELOOM_TRY(m_folder.write(name, bytes.data(), bytes.size()));
    CUBELOOM_TRY(m_folder.write(".zmetadata", m_documents.consolidated.data(), m_documents.consolidated.size()));
    CUBELOOM_TRY(m_folder.finish());
    CUBELOOM_TRY(verify());
    CUBELOOM_TRY(checkZarrTarget(m_path, m_overwrite));
    CUBELOOM_TRY(m_part->recordPublishing(m_folder.path()));
    CUBELOOM_TRY(m_folder.moveTo(m_path, m_overwrite));
    m_waiting.remove();
    m_bytes += static_cast<std::int64_t>(m_documents.bytes());
    return {};
  }

  void discard() override {
    m_waiting.remove();
    m_folder.remove();
    if (m_part) m_part->remove();
  }
  std::string keep() override {
    m_waiting.leave();
    m_folder.leave();
    return m_part ? m_part->keep() : std::string();
  }
  std::int64_t bytesWritten() const override { return m_bytes; }

 private:
  /// What a region has of one chunk of the store: its number, where in it, and where that lies in the region.
  struct Piece {
    std::int64_t number = 0;
    std::vector<std::int64_t> inside, from, size;
  };
  struct Notes {
    std::vector<JournalRecord> records;
    std::vector<std::int64_t> used;
  };

  /// Row-major.
  std::vector<Piece> piecesOf(const Region& region) const {
    std::vector<Piece> pieces(1);
    for (std::size_t d = 0; d < region.size(); ++d) {
      const std::int64_t side = m_grid.chunkShape()[d], first = region[d].min(), end = region[d].max() + 1;
      std::vector<Piece> longer;
      for (const Piece& piece : pieces) {
        for (std::int64_t at = first / side; at * side < end; ++at) {
          Piece next = piece;
          const std::int64_t low = std::max(at * side, first), high = std::min((at + 1) * side, end);
          next.inside.push_back(low - at * side);
          next.from.push_back(low - first);
          next.size.push_back(high - low);
          next.number = next.number * m_grid.gridShape()[d] + at;
          longer.push_back(std::move(next));
        }
      }
      pieces = std::move(longer);
    }
    return pieces;
  }

  bool isDone(std::int64_t number) const { return !m_done.empty() && m_done[static_cast<std::size_t>(number)] != 0; }
  bool isRestored(std::int64_t number, std::int64_t position) const {
    return !m_restored.empty() && std::binary_search(m_restored.begin(), m_restored.end(), std::pair(number, position));
  }

  /// Takes over what the journal names, as far as its checksums agree.
  void restore(const ChunkGrid& chunks, const CancelToken& cancel) {
    m_done.assign(m_missing.size(), 0);
    std::map<std::pair<std::int64_t, std::int64_t>, JournalRecord> parts;  // the newest of each
    std::map<std::int64_t, JournalRecord> blocks;
    for (const JournalRecord& record : m_part->records()) {
      const auto number = static_cast<std::int64_t>(record.number);
      if (number < 0 || number >= m_grid.count()) continue;
      if (record.kind == JournalRecord::Block) blocks[number] = record;
      if (record.kind == JournalRecord::Part && record.a >= 0 && record.a < chunks.count()) parts[{number, record.a}] = record;
    }
    for (const auto& [number, record] : blocks) {
      if (cancel.isCanceled()) return;
      if (!isIntact(number, record)) continue;
      m_done[static_cast<std::size_t>(number)] = 1;
      m_missing[static_cast<std::size_t>(number)] = 0;
      noteSize(number, static_cast<std::size_t>(record.b));
    }
    for (auto part = parts.begin(); part != parts.end() && !cancel.isCanceled();) {
      const std::int64_t number = part->first.first;
      std::vector<std::pair<std::int64_t, std::int64_t>> found;
      std::int64_t elements = 0;
      for (; part != parts.end() && part->first.first == number; ++part) {
        if (isDone(number)) continue;
        for (const Piece& piece : piecesOf(chunks.region(part->first.second))) {
          if (piece.number != number || !isPartIntact(piece, part->second)) continue;
          found.push_back(part->first);
          elements += regionCount(fullRegion(piece.size));
        }
      }
      // A chunk that has all of its pixels and yet was not finished: better made again than believed.
      if (elements >= m_missing[static_cast<std::size_t>(number)]) continue;
      m_missing[static_cast<std::size_t>(number)] -= elements;
      m_restored.insert(m_restored.end(), found.begin(), found.end());
    }
    m_part->forgetRecords();
  }

  bool isIntact(std::int64_t number, const JournalRecord& record) {
    const std::size_t most = m_compression == ZarrCompression::None ? m_chunkBytes : zarrEncodedBound(m_compression, m_chunkBytes);
    if (record.b < 1 || record.b > static_cast<std::int64_t>(most)) return false;
    PartFile file = PartFile::inside(m_folder.path() + "/" + fileOf(number), m_path);
    bool isRight = false;
    if (file.openOrCreate() && file.sizeBytes() == record.b) {
      const Buffer bytes = m_pool.take(static_cast<std::size_t>(record.b));
      isRight = file.read(0, bytes.data(), bytes.size()) && crc32(0, bytes.data(), bytes.size()) == record.checksum;
    }
    file.leave();
    return isRight;
  }

  bool isPartIntact(const Piece& piece, const JournalRecord& record) {
    auto file = waitingFile();
    if (!file) return false;
    const auto checksum = boxChecksum(**file, piece.number * static_cast<std::int64_t>(m_chunkBytes), m_grid.chunkShape(), piece.inside,
                                      piece.size, m_spec.type, m_pool);
    return checksum && *checksum == record.checksum;
  }

  std::string fileOf(std::int64_t number) const {
    const Region region = m_grid.region(number);
    std::string name = m_documents.variable + "/";
    for (std::size_t d = 0; d < region.size(); ++d)
      name += (d == 0 ? "" : ".") + std::to_string(region[d].first() / m_grid.chunkShape()[d]);
    return name;
  }

  Result<void> accept(const Piece& piece, std::int64_t position, const BlockView& chunk, Notes& notes) {
    const std::int64_t number = piece.number;
    const BlockView part = chunk.sub(piece.from, piece.size);
    std::atomic<std::int64_t>& missing = m_missing[static_cast<std::size_t>(number)];
    const std::int64_t count = part.count();
    if (count == regionCount(m_grid.region(number))) {
      missing -= count;
      Buffer raw = padded(count);
      copyBlock(part, denseView(raw.data(), m_spec.type, m_grid.chunkShape()).sub(piece.inside, piece.size));
      return store(number, raw, notes);
    }
    auto file = waitingFile();
    if (!file) return fail(std::move(file.error()));
    const std::int64_t place = number * static_cast<std::int64_t>(m_chunkBytes);
    std::uint32_t checksum = 0;
    CUBELOOM_TRY(writeBox(**file, place, m_grid.chunkShape(), piece.inside, part, m_pool, &checksum));
    if (missing.fetch_sub(count) != count) {
      notes.records.push_back({JournalRecord::Part, checksum, static_cast<std::uint64_t>(number), position, 0});
      return {};
    }
    Buffer raw = m_pool.take(m_chunkBytes);
    CUBELOOM_TRY((*file)->read(place, raw.data(), m_chunkBytes));
    notes.used.push_back(number);
    padBeyond(number, raw);
    return store(number, raw, notes);
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

  Result<void> store(std::int64_t number, Buffer& raw, Notes& notes) {
    if (m_compression == ZarrCompression::None) return store(number, raw.data(), m_chunkBytes, notes);
    const std::size_t room = zarrEncodedBound(m_compression, m_chunkBytes);
    const Buffer encoded = m_pool.take(room);
    const std::size_t unit = pixelTypeBytes(m_spec.type) / (isComplex(m_spec.type) ? 2 : 1);
    auto bytes = zarrEncode(m_compression, unit, raw.data(), m_chunkBytes, encoded.data(), room);
    if (!bytes) return fail(std::move(bytes.error()));
    return store(number, encoded.data(), *bytes, notes);
  }

  Result<void> store(std::int64_t number, const std::byte* data, std::size_t bytes, Notes& notes) {
    CUBELOOM_TRY(m_folder.write(fileOf(number), data, bytes));
    noteSize(number, bytes);
    notes.records.push_back(
        {JournalRecord::Block, crc32(0, data, bytes), static_cast<std::uint64_t>(number), 0, static_cast<std::int64_t>(bytes)});
    return {};
  }

  void noteSize(std::int64_t number, std::size_t bytes) {
    m_sizes[static_cast<std::size_t>(number)] = static_cast<std::uint32_t>(bytes);
    m_bytes += static_cast<std::int64_t>(bytes);
  }

  Result<const PartFile*> waitingFile() {
    const std::lock_guard lock(m_mutex);
    if (!m_waiting.isOpen()) {
      auto file = m_part->file("partial");
      if (!file) return fail(std::move(file.error()));
      CUBELOOM_TRY(file->resize(m_grid.count() * static_cast<std::int64_t>(m_chunkBytes)));
      m_waiting = std::move(*file);
    }
    return &m_waiting;
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
    if (spec.variable != m_documents.variable || spec.shape() != m_spec.shape() || spec.dimNames() != m_documents.dims ||
        spec.type != m_spec.type)
      return unlike("it reads as another array");
    for (std::int64_t i = 0; i < m_grid.count(); ++i) {
      const std::string key = fileOf(i);
      if (const std::int64_t size = (*store)->size(key); size != m_sizes[static_cast<std::size_t>(i)])
        return unlike("its file " + key + " has " + formatCount(size) + " bytes, not " + formatCount(m_sizes[static_cast<std::size_t>(i)]));
    }
    return {};
  }

  std::string m_path;
  bool m_overwrite;
  std::vector<std::int64_t> m_runChunk;
  ArraySpec m_spec;
  ZarrCompression m_compression;
  ChunkGrid m_grid;
  ZarrDocuments m_documents;
  std::unique_ptr<ResumablePart> m_part;  // outlives the files in it
  FolderOutput m_folder;
  BufferPool m_pool;
  ArrivalCount m_arrived;
  std::vector<std::atomic<std::int64_t>> m_missing;               ///< elements, per chunk
  std::vector<std::uint32_t> m_sizes;                             ///< bytes, per chunk
  std::vector<std::uint8_t> m_done;                               ///< per chunk: an earlier run's; empty when there was none
  std::vector<std::pair<std::int64_t, std::int64_t>> m_restored;  ///< pieces of an earlier run: (chunk, position), ascending
  std::size_t m_chunkBytes;
  PartFile m_waiting;  ///< chunks of which parts have come, at their number
  std::mutex m_mutex;
  std::atomic<std::int64_t> m_bytes{0};
};

}  // namespace

Result<SinkPlan> planZarr(const SinkRequest& request) {
  if (request.spec.dims.empty()) return invalidParameter("input", "a single number is no array to write", "write an array with dims");
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
  auto sink = std::make_unique<ZarrSink>(request, *compression, std::move(pool));
  if (auto begun = sink->begin(request); !begun) {
    sink->keep();  // what an earlier run has left is not lost with it
    return fail(std::move(begun.error()));
  }
  return sink;
}

}  // namespace cubeloom
