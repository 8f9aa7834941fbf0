// SPDX-License-Identifier: GPL-3.0-or-later
// Block sizes and overview levels of GeoTIFF outputs.
#include "engine/io/tiff/tiff_layout.h"

#include <algorithm>
#include <limits>

#include "engine/base/text.h"
#include "engine/io/sink/sink_target.h"
#include "engine/io/tiff/tiff_lerc.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kMostBands = 65535;  // SamplesPerPixel is 16 bits wide
constexpr std::int64_t kCogTile = 512, kTile = 256;
constexpr std::int64_t kOverviewsUntil = 512;                    // as GDAL's COG driver: halved until both sides fit
constexpr std::int64_t kLeastBlockBytes = 8192;                  // smaller blocks compress badly and cost a request each
constexpr std::int64_t kTileUnit = 16;                           // TIFF 6.0: tile sides are multiples of 16
constexpr std::int64_t kMostBlockBytes = std::int64_t{8} << 20;  // readers decode whole blocks, even for one pixel of one band
constexpr std::int64_t kMostBandsOfPicture = 4;                  // colours, perhaps with a near infrared: looked at together

std::int64_t roundUp(std::int64_t n, std::int64_t unit) { return (n + unit - 1) / unit * unit; }

/// The least side of blocks of which no more are needed than of `most`: the last one then holds little beyond the image.
std::int64_t evenSide(std::int64_t n, std::int64_t most) {
  const std::int64_t blocks = (n + most - 1) / most;
  return roundUp((n + blocks - 1) / blocks, kTileUnit);
}

/// Of kTileUnit: the most of which so many times `bytes` are a block that is not too large.
std::int64_t multipleWithin(std::int64_t bytes) { return kMostBlockBytes / bytes / kTileUnit * kTileUnit; }

/// `asked`: the side of tiles that the user wants; 0: none.
TiffLevel cut(std::int64_t rows, std::int64_t cols, std::int64_t planes, std::int64_t pixelBytes, bool cloudOptimized, std::int64_t asked) {
  TiffLevel level{rows, cols, planes, pixelBytes, 0, 0, false};
  if (asked > 0) {
    level.blockRows = level.blockCols = asked;
    return level;
  }
  const std::int64_t side = cloudOptimized ? kCogTile : kTile;
  level.strips = !cloudOptimized && cols <= kCogTile && kTileUnit * cols * pixelBytes <= kMostBlockBytes;
  // Wide rather than tall: a row's first pixel has no neighbour to predict it.
  const std::int64_t mostCols = std::min(side, multipleWithin(kTileUnit * pixelBytes));
  level.blockCols = level.strips ? cols : evenSide(cols, mostCols);
  const std::int64_t mostRows = std::min(side, multipleWithin(level.blockCols * pixelBytes));
  level.blockRows = level.strips ? std::min(mostRows, roundUp(rows, kTileUnit)) : evenSide(rows, mostRows);
  const bool oneWide = level.strips || cols <= mostCols;
  if (oneWide) {
    const std::int64_t rowBytes = level.blockCols * pixelBytes;
    level.blockRows = std::min(level.blockRows, roundUp((kLeastBlockBytes + rowBytes - 1) / rowBytes, kTileUnit));
  }
  return level;
}

bool wantsOverviews(const SinkRequest& request) {
  return request.overviews == "all" || (request.overviews != "none" && request.format == "COG");
}

Result<bool> wantsBandsTogether(const SinkRequest& request, TiffCompression compression, std::int64_t bands) {
  if (request.interleave == "band" || bands == 1) return false;
  if (request.interleave != "pixel") return bands <= kMostBandsOfPicture && compression != TiffCompression::None && !isLerc(compression);
  // GDAL 3.6 cannot read what libtiff 4.5 makes of them.
  if (isLerc(compression))
    return invalidParameter("interleave", "LERC with the bands of a pixel side by side cannot hold pixels that are NaN in some bands only",
                            "use interleave=band, or compress=zstd");
  const std::int64_t least = kTileUnit * kTileUnit * bands * static_cast<std::int64_t>(pixelTypeBytes(request.spec.type));
  if (least > kMostBlockBytes)
    return invalidParameter("interleave",
                            formatCount(bands) + " bands of " + std::string(pixelTypeName(request.spec.type)) +
                                " side by side: the smallest tile, 16 x 16 pixels, takes " + formatSize(static_cast<double>(least)) +
                                "; at most " + formatSize(static_cast<double>(kMostBlockBytes)) + " go into one",
                            "use interleave=band, or select fewer bands");
  return true;
}

Result<void> checkBlockSize(const SinkRequest& request, std::int64_t bandsPerPixel) {
  const std::int64_t side = request.options.blockSize;
  if (side == 0) return {};
  if (side % kTileUnit != 0)
    return invalidParameter("blocksize", "tiles of " + std::to_string(side) + " pixels: TIFF has sides of multiples of 16 alone",
                            "take " + std::to_string(roundUp(side, kTileUnit)));
  const std::int64_t pixelBytes = bandsPerPixel * static_cast<std::int64_t>(pixelTypeBytes(request.spec.type));
  const double bytes = static_cast<double>(side) * static_cast<double>(side) * static_cast<double>(pixelBytes);
  if (bytes <= static_cast<double>(kMostBlockBytes)) return {};
  return invalidParameter("blocksize",
                          "a tile of " + std::to_string(side) + " x " + std::to_string(side) + " pixels takes " + formatSize(bytes) +
                              "; at most " + formatSize(static_cast<double>(kMostBlockBytes)) + " go into one",
                          "take a smaller one" + std::string(bandsPerPixel > 1 ? ", or interleave=band" : ""));
}

std::vector<std::int64_t> bandShape(const ArraySpec& spec, const RasterLayout& raster) {
  std::vector<std::int64_t> shape;
  for (const int d : raster.bandDims) shape.push_back(spec.dims[static_cast<std::size_t>(d)].size);
  return shape;
}

}  // namespace

std::int64_t TiffLayout::blocks() const {
  std::int64_t count = 0;
  for (const TiffLevel& level : levels) count += level.blocks();
  return count;
}

double TiffLayout::rawBytes() const {
  double bytes = 0;
  for (const TiffLevel& level : levels) bytes += static_cast<double>(level.planeBytes()) * static_cast<double>(level.planes);
  return bytes;
}

std::int64_t TiffLayout::mostBlockBytes() const {
  std::int64_t most = 0;
  for (const TiffLevel& level : levels) most = std::max(most, level.blockBytes());
  return most;
}

Result<TiffLayout> tiffLayout(const SinkRequest& request) {
  TiffLayout layout;
  layout.raster = rasterLayout(request.spec);
  layout.type = request.spec.type;
  layout.cloudOptimized = request.format == "COG";
  layout.isClasses = request.spec.isClasses();
  auto compression = tiffCompression(request.compress, layout.cloudOptimized);
  if (!compression) return fail(std::move(compression.error()));
  layout.compression = *compression;
  if (isLerc(layout.compression)) CUBELOOM_TRY(checkLerc(layout.type));

  if (layout.raster.bands > kMostBands)
    return invalidParameter("format", formatCount(layout.raster.bands) + " bands; a TIFF holds at most " + formatCount(kMostBands),
                            "select fewer wavelengths or times, or write ENVI files of parts");
  if (std::max(layout.raster.rows, layout.raster.cols) > std::numeric_limits<std::int32_t>::max())
    return invalidParameter(
        "format",
        "a side of " + formatCount(std::max(layout.raster.rows, layout.raster.cols)) + " pixels; GDAL reads at most 2,147,483,647",
        "clip or coarsen the array");

  auto bandsTogether = wantsBandsTogether(request, layout.compression, layout.raster.bands);
  if (!bandsTogether) return fail(std::move(bandsTogether.error()));
  if (*bandsTogether) layout.samples = bandShape(request.spec, layout.raster);

  CUBELOOM_TRY(checkBlockSize(request, *bandsTogether ? layout.raster.bands : 1));
  std::int64_t rows = layout.raster.rows, cols = layout.raster.cols;
  const std::int64_t planes = *bandsTogether ? 1 : layout.raster.bands;
  const std::int64_t pixelBytes = layout.raster.bands / planes * static_cast<std::int64_t>(pixelTypeBytes(layout.type));
  layout.levels.push_back(cut(rows, cols, planes, pixelBytes, layout.cloudOptimized, request.options.blockSize));
  while (wantsOverviews(request) && std::max(rows, cols) > kOverviewsUntil) {
    rows = (rows + 1) / 2;
    cols = (cols + 1) / 2;
    layout.levels.push_back(cut(rows, cols, planes, pixelBytes, layout.cloudOptimized, request.options.blockSize));
  }
  return layout;
}

}  // namespace cubeloom
