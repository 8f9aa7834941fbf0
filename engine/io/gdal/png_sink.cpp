// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures: PNG is written from top to bottom with all bands together, so the whole picture waits in memory.
#include "engine/base/text.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/gdal/png_image.h"
#include "engine/io/gdal/sink_verify.h"
#include "engine/io/sink/part_file.h"
#include "engine/io/sink/resumable_part.h"
#include "engine/io/sink/sink_formats.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/sink/sink_target.h"

#include <atomic>

namespace cubeloom {
namespace {

constexpr std::int64_t kLongestSide = 1000000;  // libpng's own limit

class PngSink : public Sink {
 public:
  PngSink(const SinkRequest& request, BufferPool pool)
      : m_path(request.path),
        m_overwrite(request.overwrite),
        m_runChunk(request.identity.chunk),
        m_spec(request.spec),
        m_layout(rasterLayout(request.spec)),
        m_block(makeBlock(pool, m_spec.type, {m_layout.bands, m_layout.rows, m_layout.cols})),
        m_arrived(m_spec.count()) {}

  Result<void> write(std::int64_t, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(m_spec, region, chunk));
    for (const BandPiece& piece : bandPieces(m_spec, m_layout, region, chunk))
      copyBlock(piece.view, m_block.view.at(0, piece.band).sub({piece.row, piece.col}, piece.view.shape));
    m_arrived.add(chunk.count());
    return {};
  }

  /// Nothing is journaled before it is published: the folder only lets a later run find, and remove, what a killed one has left.
  Result<void> begin(const SinkRequest& request) {
    auto part = ResumablePart::open(request);
    if (!part) return fail(std::move(part.error()));
    m_part = std::move(*part);
    return {};
  }

  std::vector<std::int64_t> done(const CancelToken& /*cancel*/) override {
    if (!m_part->isPublished()) return {};
    m_arrived.add(m_spec.count());
    return everyPosition(ChunkGrid(m_spec.shape(), m_runChunk));
  }

  Result<void> publish(const CancelToken& cancel) override {
    CUBELOOM_TRY(m_arrived.checkComplete(m_path));
    if (m_part->isPublished()) return {};
    PartFile file = PartFile::inside(m_part->pathOf("output"), m_path);
    CUBELOOM_TRY(encodePng(file.path(), m_path, m_block.view, m_spec.nodata, m_spec.classColours));
    CUBELOOM_TRY(file.finish(cancel));
    CUBELOOM_TRY(verifyRaster(file.path(), m_path, "PNG", {m_layout.bands, m_layout.rows, m_layout.cols, m_spec.type}));
    CUBELOOM_TRY(m_part->recordPublishing(file.path()));
    m_bytes = file.sizeBytes();
    CUBELOOM_TRY(file.moveTo(m_path, m_overwrite));
    if (m_overwrite) removeStaleSidecars(m_path);
    return {};
  }

  void discard() override {
    m_block = {};
    if (m_part) m_part->remove();
  }
  std::string keep() override {
    m_block = {};
    return m_part ? m_part->keep() : std::string();
  }
  std::int64_t bytesWritten() const override { return m_bytes; }

 private:
  std::string m_path;
  bool m_overwrite;
  std::vector<std::int64_t> m_runChunk;
  ArraySpec m_spec;
  RasterLayout m_layout;
  std::unique_ptr<ResumablePart> m_part;
  Block m_block;
  ArrivalCount m_arrived;
  std::atomic<std::int64_t> m_bytes{0};
};

}  // namespace

Result<SinkPlan> planPng(const SinkRequest& request) {
  const RasterLayout layout = rasterLayout(request.spec);
  if (request.spec.type != PixelType::UInt8 && request.spec.type != PixelType::UInt16)
    return invalidParameter("dtype", "PNG holds uint8 and uint16, not " + std::string(pixelTypeName(request.spec.type)),
                            "convert with dtype=uint8, or write GTiff");
  if (layout.bands > 4)
    return invalidParameter("format", formatCount(layout.bands) + " bands; PNG holds 1 (gray) to 4 (red, green, blue, alpha)",
                            "select bands, or write GTiff");
  if (std::max(layout.rows, layout.cols) > kLongestSide)
    return invalidParameter(
        "format",
        "a side of " + formatCount(std::max(layout.rows, layout.cols)) + " pixels; PNG files are read up to " + formatCount(kLongestSide),
        "coarsen the array, or write COG");
  const auto gdal = gdalService(ErrorCode::WriteFailed);
  if (!gdal) return fail(gdal.error());
  (*gdal)->admitSinkDrivers();  // what that costs is seen in the process's memory now
  SinkPlan plan;
  plan.format = "PNG";
  plan.unit.assign(request.spec.dims.size(), 1);
  plan.bytesToWrite = request.spec.bytes() * 1.01 + 4096;
  // The picture, and GDAL's own copy of it while encoding.
  plan.fixedMemoryBytes = 2 * request.spec.bytes();
  return plan;
}

Result<std::unique_ptr<Sink>> openPng(const SinkRequest& request, BufferPool pool) {
  auto sink = std::make_unique<PngSink>(request, std::move(pool));
  CUBELOOM_TRY(sink->begin(request));
  return sink;
}

}  // namespace cubeloom
