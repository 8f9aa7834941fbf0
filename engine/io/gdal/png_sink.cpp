// SPDX-License-Identifier: GPL-3.0-or-later
// Pictures: PNG is written from top to bottom with all bands together, so the whole picture waits in memory.
#include "engine/base/text.h"
#include "engine/io/gdal/gdal_module.h"
#include "engine/io/gdal/png_image.h"
#include "engine/io/gdal/sink_verify.h"
#include "engine/io/sink/held_sink.h"
#include "engine/io/sink/sink_formats.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/sink/sink_target.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kLongestSide = 1000000;  // libpng's own limit

class PngSink : public HeldSink {
 public:
  PngSink(const SinkRequest& request, BufferPool& pool, const RasterLayout& layout)
      : HeldSink(request, pool, {layout.bands, layout.rows, layout.cols}), m_layout(layout) {}

  Result<void> write(std::int64_t, const Region& region, const BlockView& chunk) override {
    CUBELOOM_TRY(checkChunk(spec(), region, chunk));
    for (const BandPiece& piece : bandPieces(spec(), m_layout, region, chunk))
      copyBlock(piece.view, block().at(0, piece.band).sub({piece.row, piece.col}, piece.view.shape));
    arrived(chunk.count());
    return {};
  }

 protected:
  Result<void> makeFile(PartFile& file, const CancelToken& cancel) override {
    CUBELOOM_TRY(encodePng(file.path(), path(), block(), spec().nodata, spec().classColours));
    CUBELOOM_TRY(file.finish(cancel));
    return verifyRaster(file.path(), path(), "PNG", {m_layout.bands, m_layout.rows, m_layout.cols, spec().type});
  }
  void published() override {
    if (overwrites()) removeStaleSidecars(path());
  }

 private:
  RasterLayout m_layout;
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
  auto sink = std::make_unique<PngSink>(request, pool, rasterLayout(request.spec));
  CUBELOOM_TRY(sink->begin(request));
  return sink;
}

}  // namespace cubeloom
