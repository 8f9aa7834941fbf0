// SPDX-License-Identifier: GPL-3.0-or-later
// NetCDF-4 outputs. The NetCDF library writes the header, one thread at a time; pixels bypass it: compressed chunks are encoded on all
// workers and handed to HDF5 whole, in canonical order, and an uncompressed array is written where it lies in the file.
#include <atomic>

#include "engine/base/text.h"
#include "engine/io/chunk_spool.h"
#include "engine/io/hdf5_encoder.h"
#include "engine/io/hdf5_library.h"
#include "engine/io/io_error.h"
#include "engine/io/netcdf_header.h"
#include "engine/io/netcdf_layout.h"
#include "engine/io/part_file.h"
#include "engine/io/raw_box.h"
#include "engine/io/sink_formats.h"
#include "engine/io/sink_layout.h"
#include "engine/io/sink_target.h"

namespace cubeloom {
namespace {

/// Of HDF5's index of chunks, per chunk on disk and in memory.
constexpr double kIndexBytesPerChunk = 160;
/// What the libraries hold while a header is made or chunks are laid down.
constexpr double kLibraryBytes = 4 << 20;

class NetcdfSink : public Sink {
 public:
  NetcdfSink(const SinkRequest& request, NetcdfLayout layout, BufferPool pool)
      : m_request(request), m_layout(std::move(layout)), m_pool(std::move(pool)), m_arrived(request.spec.count()) {}

  /// Makes the file with its header, so that what cannot be written shows before the work.
  Result<void> begin() {
    m_output = PartFile::named(m_request.path);
    CUBELOOM_TRY(writeNetcdfHeader(m_output.path(), m_request.path, m_request, m_layout));
    if (!m_layout.isCompressed) {
      CUBELOOM_TRY(allocate());
      return m_output.reopen();
    }
    auto spool = ChunkSpool::create(ChunkGrid(m_request.spec.shape(), m_layout.chunk), m_request.spec.type, m_pool, m_request.path);
    if (!spool) return fail(std::move(spool.error()));
    m_spool = std::move(*spool);
    return {};
  }

  Result<void> write(std::int64_t, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_request.spec, region, chunk));
    std::vector<std::int64_t> offset;
    for (const IndexSet& set : region) offset.push_back(set.first());
    if (m_spool) {
      CUBELOOM_TRY(m_spool->accept(offset, chunk));
    } else {
      CUBELOOM_TRY(writeBox(m_output, m_start, m_request.spec.shape(), offset, chunk, m_pool));
      m_rawBytes += chunk.count() * static_cast<std::int64_t>(pixelTypeBytes(chunk.type));
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
    if (m_spool) m_spool->discard();
    m_output.remove();
  }

  std::int64_t bytesWritten() const override {
    if (m_finalBytes > 0) return m_finalBytes;
    return m_spool ? m_spool->spooledBytes() : m_rawBytes.load();
  }

 private:
  Failure failed(const std::string& what) const {
    return hdf5Failure(ErrorCode::WriteFailed, m_request.path, "'" + m_request.path + "': " + what);
  }

  /// Has HDF5 set the array's place aside, and learns where it is.
  Result<void> allocate() {
    const Hdf5Lock lock;
    Hdf5Id file(H5Fopen(m_output.path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    if (!file) return failed("cannot be reopened");
    Hdf5Id dataset(H5Dopen2(file.get(), netcdfVariableName(m_request.spec).c_str(), H5P_DEFAULT));
    if (!dataset) return failed("its array cannot be opened");
    // Writing one element makes the room of all of them.
    const std::vector<hsize_t> one(m_request.spec.dims.size(), 1), first(one.size(), 0);
    const Hdf5Id space(H5Dget_space(dataset.get())), memory(H5Screate_simple(static_cast<int>(one.size()), one.data(), nullptr));
    const Hdf5Id type(H5Dget_type(dataset.get()));
    const std::uint64_t zero = 0;
    if (H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, first.data(), nullptr, one.data(), nullptr) < 0 ||
        H5Dwrite(dataset.get(), type.get(), memory.get(), space.get(), H5P_DEFAULT, &zero) < 0)
      return failed("its array cannot be allocated");
    const haddr_t offset = H5Dget_offset(dataset.get());
    if (offset == HADDR_UNDEF || H5Fflush(file.get(), H5F_SCOPE_GLOBAL) < 0) return failed("its array cannot be allocated");
    m_start = static_cast<std::int64_t>(offset);
    return {};
  }

  Result<void> tryPublish() {
    CUBELOOM_TRY(m_arrived.checkComplete(m_request.path));
    if (m_spool) CUBELOOM_TRY(layDown());
    CUBELOOM_TRY(m_output.finish());
    CUBELOOM_TRY(verifyNetcdf(m_output.path(), m_request.path, m_request.spec));
    const std::int64_t bytes = m_output.sizeBytes();
    CUBELOOM_TRY(m_output.moveTo(m_request.path, m_request.overwrite));
    if (m_request.overwrite) removeStaleSidecars(m_request.path);
    if (m_spool) m_spool->discard();
    m_finalBytes = bytes;
    return {};
  }

  /// From the spool, where chunks lie as they came, into the file, row-major.
  Result<void> layDown() {
    const ChunkGrid& grid = m_spool->grid();
    std::size_t most = 1;
    for (std::int64_t i = 0; i < grid.count(); ++i) most = std::max(most, m_spool->encodedBytes(i));
    const Buffer buffer = m_pool.take(most);
    const Hdf5Lock lock;
    Hdf5Id file(H5Fopen(m_output.path().c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    if (!file) return failed("cannot be reopened");
    Hdf5Id dataset(H5Dopen2(file.get(), netcdfVariableName(m_request.spec).c_str(), H5P_DEFAULT));
    if (!dataset) return failed("its array cannot be opened");
    for (std::int64_t i = 0; i < grid.count(); ++i) {
      CUBELOOM_TRY(m_spool->readEncoded(i, buffer.data()));
      std::vector<hsize_t> origin;
      for (const IndexSet& set : grid.region(i)) origin.push_back(static_cast<hsize_t>(set.first()));
      if (H5Dwrite_chunk(dataset.get(), H5P_DEFAULT, 0, origin.data(), m_spool->encodedBytes(i), buffer.data()) < 0)
        return failed("writing chunk " + formatCount(i) + " of " + formatCount(grid.count()) + " failed");
    }
    if (H5Fflush(file.get(), H5F_SCOPE_GLOBAL) < 0) return failed("flushing to the disk failed");
    dataset = Hdf5Id();
    file = Hdf5Id();
    return {};
  }

  SinkRequest m_request;
  NetcdfLayout m_layout;
  BufferPool m_pool;
  ArrivalCount m_arrived;
  PartFile m_output;
  std::unique_ptr<ChunkSpool> m_spool;
  std::int64_t m_start = 0;
  std::atomic<std::int64_t> m_rawBytes{0}, m_finalBytes{0};
};

}  // namespace

Result<SinkPlan> planNetcdf(const SinkRequest& request) {
  auto layout = netcdfLayout(request);
  if (!layout) return fail(std::move(layout.error()));
  const ArraySpec& spec = request.spec;
  SinkPlan plan;
  plan.format = request.format;
  plan.unit.assign(spec.dims.size(), 1);
  plan.unit.back() = spec.dims.back().size;
  plan.fixedMemoryBytes = kLibraryBytes + netcdfHeaderBytes(spec);
  plan.bytesToWrite = spec.bytes() + netcdfHeaderBytes(spec);
  plan.chunkScratchBytes = static_cast<double>(kRawScratchBytes);
  if (!layout->isCompressed) return plan;

  const ChunkGrid grid(spec.shape(), layout->chunk);
  std::size_t chunkBytes = pixelTypeBytes(spec.type);
  for (const std::int64_t side : layout->chunk) chunkBytes *= static_cast<std::size_t>(side);
  const double bound = static_cast<double>(hdf5EncodedBound(chunkBytes)), chunks = static_cast<double>(grid.count());
  plan.unit = layout->chunk;
  plan.bytesToWrite = chunks * (bound + kIndexBytesPerChunk) + netcdfHeaderBytes(spec);
  plan.temporaryBytes = chunks * bound;
  plan.fixedMemoryBytes += ChunkSpool::indexBytes(grid.count()) + chunks * kIndexBytesPerChunk + bound;
  plan.chunkScratchBytes = ChunkSpool::scratchBytes(layout->chunk, spec.type);
  return plan;
}

Result<std::unique_ptr<Sink>> openNetcdf(const SinkRequest& request, BufferPool pool) {
  auto layout = netcdfLayout(request);
  if (!layout) return fail(std::move(layout.error()));
  auto sink = std::make_unique<NetcdfSink>(request, std::move(*layout), std::move(pool));
  CUBELOOM_TRY(sink->begin());
  return sink;
}

}  // namespace cubeloom
