// SPDX-License-Identifier: GPL-3.0-or-later
// NetCDF-4 outputs. The NetCDF library writes the header, one thread at a time; pixels bypass it: compressed chunks are encoded on all
// workers and handed to HDF5 whole, in canonical order, and an uncompressed array is written where it lies in the file.
#include <algorithm>
#include <atomic>

#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/hdf5/hdf5_encoder.h"
#include "engine/io/hdf5/hdf5_library.h"
#include "engine/io/netcdf/chunk_spool.h"
#include "engine/io/netcdf/netcdf_header.h"
#include "engine/io/netcdf/netcdf_layout.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/placed_array.h"
#include "engine/io/sink/raw_box.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_formats.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/sink/sink_target.h"
#include "engine/io/source/stored_scales.h"

namespace cubeloom {
namespace {

/// Of HDF5's index of chunks, per chunk on disk and in memory.
constexpr double kIndexBytesPerChunk = 160;
/// What the libraries hold while a header is made or chunks are laid down.
constexpr double kLibraryBytes = 4 << 20;
constexpr std::size_t kCopyBytes = std::size_t{1} << 18;
constexpr std::int64_t kProbeBytes = std::int64_t{1} << 20;

/// Files of the part: "output", the file to be; where that is not compressed "header", which has everything but the pixels.
class NetcdfSink : public Sink {
 public:
  NetcdfSink(const SinkRequest& request, NetcdfLayout layout, BufferPool pool)
      : m_request(request), m_layout(std::move(layout)), m_pool(std::move(pool)), m_arrived(request.spec.count()) {}

  /// Makes the header, so that what cannot be written shows before the work; the pixels of an earlier run are found.
  Result<void> begin() {
    auto part = ResumablePart::open(m_request);
    if (!part) return fail(std::move(part.error()));
    m_part = std::move(*part);
    if (m_part->isPublished()) return {};
    return m_layout.isCompressed ? beginChunks() : beginInPlace();
  }

  std::vector<std::int64_t> done(const CancelToken& cancel) override {
    if (!m_part->isResumed()) return {};
    const ChunkGrid chunks(m_request.spec.shape(), m_request.identity.chunk);
    std::vector<std::int64_t> positions = m_part->isPublished() ? everyPosition(chunks)
                                          : m_chunks            ? m_chunks->done(chunks, cancel)
                                                                : m_array->done(chunks, cancel);
    for (const std::int64_t position : positions) count(regionCount(chunks.region(position)));
    return positions;
  }

  Result<void> write(std::int64_t position, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_request.spec, region, chunk));
    CUBELOOM_TRY(m_chunks ? m_chunks->write(position, region, chunk) : m_array->write(position, region, chunk));
    count(chunk.count());
    return m_part->recordChunk(position);
  }

  void stopJournal() override { m_part->stopJournal(); }

  Result<void> publish(const CancelToken& cancel) override {
    CUBELOOM_TRY(m_arrived.checkComplete(m_request.path));
    if (m_part->isPublished()) return {};
    if (m_chunks) {
      if (auto done = layDown(cancel); !done) {
        // HDF5 may keep a file open that it failed to write: its room is given back all the same.
        if (m_output.reopen()) (void)m_output.resize(0);
        m_output.remove();
        return done;
      }
    } else {
      CUBELOOM_TRY(copyHeader());
    }
    CUBELOOM_TRY(m_output.finish(cancel));
    CUBELOOM_TRY(verifyNetcdf(m_output.path(), m_request.path, m_layout));
    const std::int64_t bytes = m_output.sizeBytes();
    CUBELOOM_TRY(m_part->recordPublishing(m_output.path()));
    CUBELOOM_TRY(m_output.moveTo(m_request.path, m_request.overwrite));
    if (m_request.overwrite) removeStaleSidecars(m_request.path);
    m_header.remove();
    if (m_chunks) m_chunks->discard();
    if (m_spool) m_spool->discard();
    m_finalBytes = bytes;
    return {};
  }

  void discard() override {
    if (m_chunks) m_chunks->discard();
    if (m_spool) m_spool->discard();
    m_header.remove();
    m_output.remove();
    if (m_part) m_part->remove();
  }

  std::string keep() override {
    m_header.remove();
    if (m_chunks) m_chunks->leave();
    if (m_spool) m_spool->leave();
    // Of a compressed file it is but a copy of what lies in the other files.
    if (m_layout.isCompressed) m_output.remove();
    m_output.leave();
    return m_part ? m_part->keep() : std::string();
  }

  std::int64_t bytesWritten() const override {
    if (m_finalBytes > 0) return m_finalBytes;
    return m_spool ? m_spool->spooledBytes() : m_rawBytes.load();
  }

 private:
  Failure failed(const std::string& what) const {
    return hdf5Failure(ErrorCode::WriteFailed, m_request.path, "'" + m_request.path + "': " + what);
  }

  /// A library that could not write says no more than that: where the disk is full, one write of our own says so with bytes. `needed`: of
  /// the output's file in the end.
  Failure writingFailed(const std::string& what, std::int64_t needed) {
    Failure failure = failed(what);
    const std::int64_t size = m_output.sizeBytes();
    if (needed <= size || !m_output.reopen()) return failure;
    const std::vector<std::byte> zeros(static_cast<std::size_t>(std::min(needed - size, kProbeBytes)));
    const auto probed = m_output.write(size, zeros.data(), zeros.size());
    if (probed) return failure;
    failure.value().message = probed.error().message + "; " + what + ", " + formatCount(needed - size) + " of " + formatCount(needed) +
                              " bytes are not on the disk";
    failure.value().hint = probed.error().hint;
    return failure;
  }

  void count(std::int64_t elements) {
    m_arrived.add(elements);
    m_rawBytes += elements * static_cast<std::int64_t>(pixelTypeBytes(m_request.spec.type));
  }

  /// The library does not say why it fails: a disk without room for the header does, with bytes.
  Result<void> checkRoomForHeader() {
    const std::vector<std::byte> zeros(static_cast<std::size_t>(netcdfHeaderBytes(m_request.spec)));
    PartFile file = PartFile::inside(m_part->pathOf("room"), m_request.path);
    CUBELOOM_TRY(file.openOrCreate());
    return file.write(0, zeros.data(), zeros.size());
  }

  /// A file of the part made by the NetCDF library, anew: one of an earlier run may have been cut off anywhere.
  Result<PartFile> writeHeader(const char* name) {
    PartFile::inside(m_part->pathOf(name), m_request.path).remove();
    PartFile file = PartFile::inside(m_part->pathOf(name), m_request.path);
    auto written = writeNetcdfHeader(file.path(), m_request.path, m_layout);
    if (written) return file;
    file.remove();
    CUBELOOM_TRY(checkRoomForHeader());
    return fail(std::move(written.error()));
  }

  Result<void> beginChunks() {
    auto output = writeHeader("output");
    if (!output) return fail(std::move(output.error()));
    m_output = std::move(*output);
    const ArraySpec& spec = m_request.spec;
    const ChunkGrid grid(spec.shape(), m_layout.chunk);
    auto spool = ChunkSpool::open(grid.count(), spec.type, m_layout.chunkBytes(spec.type), m_pool, *m_part);
    if (!spool) return fail(std::move(spool.error()));
    m_spool = std::move(*spool);
    m_chunks = std::make_unique<ChunkAssembly>(grid, spec.type, 0, m_pool, *m_part, *m_spool);
    return {};
  }

  Result<void> beginInPlace() {
    CUBELOOM_TRY(createFiles());
    if (m_part->isResumed() && m_output.sizeBytes() != m_header.sizeBytes()) {
      m_output.remove();
      m_header.remove();
      CUBELOOM_TRY(m_part->startOver());
      CUBELOOM_TRY(createFiles());
    }
    if (!m_part->isResumed()) CUBELOOM_TRY(m_output.reserve(m_header.sizeBytes()));
    const ArraySpec& spec = m_request.spec;
    m_array = std::make_unique<PlacedArray>(m_output, *m_part, m_starts, m_layout.variables.dim, spec.shape(), spec.type, m_pool);
    return {};
  }

  Result<void> createFiles() {
    auto file = m_part->file("output");
    if (!file) return fail(std::move(file.error()));
    m_output = std::move(*file);
    // A disk without room for the array shows here rather than inside the library.
    if (!m_part->isResumed()) CUBELOOM_TRY(m_output.reserve(static_cast<std::int64_t>(m_request.spec.bytes())));
    auto header = writeHeader("header");
    if (!header) return fail(std::move(header.error()));
    m_header = std::move(*header);
    CUBELOOM_TRY(allocate());
    return m_header.reopen();
  }

  /// All of the header's file but the places of the variables, which are where the pixels lie in the output.
  Result<void> copyHeader() {
    const auto bytesOfOne = static_cast<std::int64_t>(m_layout.variables.specs.front().bytes());
    std::vector<std::int64_t> starts = m_starts;
    std::sort(starts.begin(), starts.end());
    std::vector<std::pair<std::int64_t, std::int64_t>> between;
    std::int64_t from = 0;
    for (const std::int64_t start : starts) {
      between.emplace_back(from, start);
      from = start + bytesOfOne;
    }
    between.emplace_back(from, m_header.sizeBytes());
    const Buffer buffer = m_pool.take(kCopyBytes);
    for (const auto& [first, end] : between) {
      for (std::int64_t at = first; at < end; at += static_cast<std::int64_t>(kCopyBytes)) {
        const std::size_t bytes = std::min(kCopyBytes, static_cast<std::size_t>(end - at));
        CUBELOOM_TRY(m_header.read(at, buffer.data(), bytes));
        CUBELOOM_TRY(m_output.write(at, buffer.data(), bytes));
      }
    }
    return {};
  }

  /// Has HDF5 set the variables' places aside in the header's file, and learns where they are.
  Result<void> allocate() {
    const Hdf5Lock lock;
    Hdf5Id file(H5Fopen(m_header.path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    if (!file) return failed("cannot be reopened");
    m_starts.clear();
    for (const std::string& name : m_layout.names) {
      Hdf5Id dataset(H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT));
      if (!dataset) return failed("its array cannot be opened");
      // Writing one element makes the room of all of them.
      const std::vector<hsize_t> one(m_layout.variables.specs.front().dims.size(), 1), first(one.size(), 0);
      const Hdf5Id space(H5Dget_space(dataset.get())), memory(H5Screate_simple(static_cast<int>(one.size()), one.data(), nullptr));
      const Hdf5Id type(H5Dget_type(dataset.get()));
      const std::uint64_t zero = 0;
      const bool isNumber = one.empty();
      if (isNumber && H5Dwrite(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &zero) < 0)
        return failed("its number cannot be allocated");
      if (!isNumber && (H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, first.data(), nullptr, one.data(), nullptr) < 0 ||
                        H5Dwrite(dataset.get(), type.get(), memory.get(), space.get(), H5P_DEFAULT, &zero) < 0))
        return failed("its array cannot be allocated");
      const haddr_t offset = H5Dget_offset(dataset.get());
      if (offset == HADDR_UNDEF || H5Fflush(file.get(), H5F_SCOPE_GLOBAL) < 0) return failed("its array cannot be allocated");
      m_starts.push_back(static_cast<std::int64_t>(offset));
    }
    return {};
  }

  /// From the spool, where chunks lie as they came, into the file, row-major.
  Result<void> layDown(const CancelToken& cancel) {
    const ChunkGrid& grid = m_chunks->grid();
    const Buffer buffer = m_pool.take(m_spool->mostEncodedBytes());
    // A disk without room for all chunks shows here rather than inside the library.
    double room = static_cast<double>(m_spool->spooledBytes()) + kIndexBytesPerChunk * static_cast<double>(grid.count());
    room += static_cast<double>(m_output.sizeBytes());
    const auto bytes = static_cast<std::int64_t>(room);
    CUBELOOM_TRY(m_output.reopen());
    CUBELOOM_TRY(m_output.reserveBlocks(bytes));
    const Hdf5Lock lock;
    Hdf5Id file(H5Fopen(m_output.path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    if (!file) return failed("cannot be reopened");
    std::vector<Hdf5Id> datasets;
    datasets.reserve(m_layout.names.size());
    for (const std::string& name : m_layout.names) {
      datasets.emplace_back(H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT));
      if (!datasets.back()) return failed("its array cannot be opened");
    }
    for (std::int64_t i = 0; i < grid.count(); ++i) {
      CUBELOOM_TRY(checkNotCanceled(cancel, m_request.path));
      CUBELOOM_TRY(m_spool->readEncoded(i, buffer.data()));
      const Region region = grid.region(i);
      std::vector<hsize_t> origin;
      for (const IndexSet& set : m_layout.variables.within(region)) origin.push_back(static_cast<hsize_t>(set.first()));
      if (H5Dwrite_chunk(datasets[m_layout.variables.of(region)].get(), H5P_DEFAULT, 0, origin.data(), m_spool->encodedBytes(i),
                         buffer.data()) < 0)
        return writingFailed("writing chunk " + formatCount(i) + " of " + formatCount(grid.count()) + " failed", bytes);
    }
    if (H5Fflush(file.get(), H5F_SCOPE_GLOBAL) < 0) return writingFailed("flushing to the disk failed", bytes);
    datasets.clear();
    file = Hdf5Id();
    return {};
  }

  SinkRequest m_request;
  NetcdfLayout m_layout;
  BufferPool m_pool;
  ArrivalCount m_arrived;
  std::unique_ptr<ResumablePart> m_part;  // outlives the files in it
  PartFile m_output, m_header;
  std::unique_ptr<ChunkSpool> m_spool;
  std::unique_ptr<ChunkAssembly> m_chunks;
  std::unique_ptr<PlacedArray> m_array;
  std::vector<std::int64_t> m_starts;  ///< of the variables, where they lie in the file
  std::atomic<std::int64_t> m_rawBytes{0}, m_finalBytes{0};
};

}  // namespace

Result<SinkPlan> planNetcdf(const SinkRequest& request) {
  auto layout = netcdfLayout(request);
  if (!layout) return fail(std::move(layout.error()));
  const ArraySpec& spec = request.spec;
  SinkPlan plan;
  plan.format = request.format;
  plan.warnings = oneScaleWarnings(spec, plan.format);
  plan.unit.assign(spec.dims.size(), 1);
  if (!spec.dims.empty()) plan.unit.back() = spec.dims.back().size;
  plan.fixedMemoryBytes = kLibraryBytes + netcdfHeaderBytes(spec);
  plan.bytesToWrite = spec.bytes() + netcdfHeaderBytes(spec);
  plan.chunkScratchBytes = static_cast<double>(kRawScratchBytes);
  if (!layout->isCompressed) return plan;

  const ChunkGrid grid(spec.shape(), layout->chunk);
  const std::size_t chunkBytes = layout->chunkBytes(spec.type);
  const double bound = static_cast<double>(hdf5EncodedBound(chunkBytes)), chunks = static_cast<double>(grid.count());
  plan.unit = layout->chunk;
  plan.bytesToWrite = chunks * (bound + kIndexBytesPerChunk) + netcdfHeaderBytes(spec);
  plan.temporaryBytes = chunks * bound;
  plan.fixedMemoryBytes += ChunkAssembly::indexBytes(chunks) + ChunkSpool::indexBytes(chunks) + chunks * kIndexBytesPerChunk + bound;
  plan.chunkScratchBytes = ChunkSpool::scratchBytes(chunkBytes);
  return plan;
}

Result<std::unique_ptr<Sink>> openNetcdf(const SinkRequest& request, BufferPool pool) {
  auto layout = netcdfLayout(request);
  if (!layout) return fail(std::move(layout.error()));
  auto sink = std::make_unique<NetcdfSink>(request, std::move(*layout), std::move(pool));
  if (auto begun = guarded([&] { return sink->begin(); }); !begun) {
    sink->keep();  // what an earlier run has left is not lost with it
    return fail(std::move(begun.error()));
  }
  return sink;
}

}  // namespace cubeloom
