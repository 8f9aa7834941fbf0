// SPDX-License-Identifier: GPL-3.0-or-later
// A raster placed by ground control points, RPCs or arrays of locations as an array on a grid: GDAL's transformer says where each pixel
// lies on the raster, the kernels of the warp take its value there.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/access/source.h"
#include "engine/geo/warp/warp_pieces.h"
#include "engine/io/gdal/gdal_transformers.h"
#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// Another source, resampled to a grid. Each output pixel is found by itself, exactly, with kernels of one width for the whole grid, so
/// that what is read does not depend on how it is cut. Thread-safe. Reads the pixels under tiles of the output, small enough that their
/// scratch has a fixed bound.
class GdalPlacedSource final : public Source {
 public:
  /// What stands for no data: in the raster, if anything does, and where no pixel of it lies.
  struct Nodata {
    std::optional<double> inRaster;
    double fill;
  };
  /// `raster` has dims (band, y, x). InvalidParameter for a sum through a map whose inverse is off by more than 0.75 pixels.
  static Result<std::shared_ptr<GdalPlacedSource>> create(std::shared_ptr<Source> raster, std::shared_ptr<GdalTransformers> transformers,
                                                          Resampling method, Nodata nodata);

  const ArraySpec& spec() const override { return m_spec; }
  /// ReadFailed also where the place of a pixel is not known for want of heights; OverBudget where a single output pixel covers more of the
  /// raster than the announced scratch holds.
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override;
  /// At least the raster's blocks under each tile and band of the region, which are read anew for each: from a lattice of each tile's
  /// pixels.
  ReadCost cost(const Region& region) const override;
  double sharedCacheBytes() const override { return m_raster->sharedCacheBytes(); }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override;
  std::vector<std::string> files() const override;
  /// Output pixels per raster pixel, on which the width of kernels depends; gdalwarp's XSCALE and YSCALE.
  WarpScale kernelScale() const { return m_scales.kernel; }

 private:
  struct Tile;
  GdalPlacedSource(std::shared_ptr<Source> raster, std::shared_ptr<GdalTransformers> transformers, Resampling method, Nodata nodata);
  Result<void> readTile(const Region& region, const BlockView& to, ReadContext& context, const Tile& tile);
  /// The bands of a tile whose piece is made.
  Result<void> applyPiece(const WarpPiece& piece, const Region& region, const BlockView& to, ReadContext& context, const Tile& tile);
  Result<PiecePtr> makeTilePiece(const PixelList& rows, const PixelList& cols) const;
  /// The rows and columns under a lattice of `steps` x `steps` over the region's extent, and a margin; empty when it lies outside.
  Region underRegion(const Region& region, int steps) const;
  ReadCost tileCost(const Region& tile) const;
  double bytesOf(const WarpNeed& need) const;
  /// The raster's pixels under a tile, or under a single output pixel that takes more, in bytes.
  double mostHeld() const;

  std::shared_ptr<Source> m_raster;
  std::shared_ptr<GdalTransformers> m_transformers;
  GeoBox m_rasterPixels;  ///< its size
  WarpOptions m_options;
  WarpScales m_scales;
  double m_pieceBytes = 0;  ///< of a tile, at most
  Nodata m_nodata;
  ArraySpec m_spec;
};

/// Puts `opened`, a raster of `handles` that `facts` are of, on the grid that `request.georeference` asks for, by `request.resampling`.
/// InvalidParameter when nothing says what lies outside the raster; UnsupportedType for complex numbers by anything but nearest.
Result<void> placeOnGrid(OpenedDataset& opened, std::shared_ptr<GdalHandles> handles, const GdalFacts& facts, const OpenRequest& request);

/// What a request for no placing must not ask for, and one for placing by anything but RPCs: InvalidParameter.
Result<void> checkPlacing(const OpenRequest& request);

}  // namespace cubeloom
