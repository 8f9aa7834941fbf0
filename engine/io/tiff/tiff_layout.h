// SPDX-License-Identifier: GPL-3.0-or-later
// How a GeoTIFF of ours is cut: block sizes, overview levels, compression.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/access/sink.h"
#include "engine/io/sink/sink_layout.h"
#include "engine/io/tiff/tiff_codec.h"

namespace cubeloom {

/// One resolution: `rows` x `cols` pixels in one plane or several, cut into blocks that are stored plane by plane, row-major. A pixel of a
/// plane is that of one band, or of all bands side by side.
struct TiffLevel {
  std::int64_t rows = 0, cols = 0;
  std::int64_t planes = 1, pixelBytes = 0;
  std::int64_t blockRows = 0, blockCols = 0;
  bool strips = false;  ///< blocks as wide as the image, the last one short; else tiles, all of one size

  std::int64_t down() const { return (rows + blockRows - 1) / blockRows; }
  std::int64_t across() const { return (cols + blockCols - 1) / blockCols; }
  std::int64_t blocksPerPlane() const { return down() * across(); }
  std::int64_t blocks() const { return planes * blocksPerPlane(); }
  /// Rows stored in block row `r` (strips end with the image, tiles are whole).
  std::int64_t storedRows(std::int64_t r) const { return strips ? std::min(blockRows, rows - r * blockRows) : blockRows; }
  /// Pixels of the image in block (r, c).
  std::int64_t validRows(std::int64_t r) const { return std::min(blockRows, rows - r * blockRows); }
  std::int64_t validCols(std::int64_t c) const { return std::min(blockCols, cols - c * blockCols); }
  std::int64_t blockPixels() const { return blockRows * blockCols; }
  std::int64_t blockBytes() const { return blockPixels() * pixelBytes; }
  /// Of one plane, uncompressed.
  std::int64_t planeBytes() const { return (strips ? rows * cols : blocksPerPlane() * blockPixels()) * pixelBytes; }
};

/// Everything about a TIFF that follows from the request.
struct TiffLayout {
  RasterLayout raster;
  PixelType type = PixelType::Float32;
  TiffCompression compression = TiffCompression::None;
  std::vector<TiffLevel> levels;  ///< full resolution first, then halves
  bool cloudOptimized = false;
  bool isClasses = false;  ///< overviews take one pixel of four, not their mean
  /// What lies side by side in a pixel: the sizes of the dims that make the bands; none when every band is a plane of its own.
  std::vector<std::int64_t> samples;

  bool bandsTogether() const { return !samples.empty(); }
  bool hasOverviews() const { return levels.size() > 1; }
  /// Bytes before and after each block: GDAL's COG layout puts the block's size before it and repeats its last four bytes after it.
  std::int64_t frameBytes() const { return cloudOptimized ? 4 : 0; }
  std::int64_t blocks() const;          ///< over all planes and levels
  double rawBytes() const;              ///< over all planes and levels
  std::int64_t mostBlockBytes() const;  ///< of any level, uncompressed
};

/// COG: tiles of up to 512 x 512. GTiff: strips up to 512 columns, else tiles of up to 256 x 256. Sides are multiples of 16, as short as
/// the same number of tiles allows: little beyond the image is stored. An image that is one tile wide gets blocks of few rows (16 and more,
/// at least 8 KiB), so that chunks of few rows are whole blocks and many workers find work in a small output. Bands lie side by side where
/// the request says so, or leaves it open and two to four of them are compressed: sides are then short enough for 8 MiB a block.
/// InvalidParameter: `compress`, `overviews`, `interleave`, too many bands, too large.
Result<TiffLayout> tiffLayout(const SinkRequest& request);

}  // namespace cubeloom
