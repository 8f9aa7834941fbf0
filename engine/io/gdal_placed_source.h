// SPDX-License-Identifier: GPL-3.0-or-later
// A raster placed by ground control points or RPCs as an array on a grid: GDAL's transformer says which pixel each one takes.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/array/source.h"
#include "engine/io/gdal_handles.h"
#include "engine/io/opened_dataset.h"

namespace cubeloom {

/// GDALCreateGenImgProjTransformer2's objects for one raster, each used by one thread at a time. Thread-safe.
class GdalTransformers {
 public:
  /// By `request.georeference`: "gcp" (a polynomial of the order that the number of points suggests), "gcp1", "gcp2", "gcp3", "tps" or
  /// "rpc"; RPCs at its height or on its heights.
  GdalTransformers(std::shared_ptr<GdalHandles> handles, const OpenRequest& request);
  ~GdalTransformers();
  GdalTransformers(const GdalTransformers&) = delete;
  GdalTransformers& operator=(const GdalTransformers&) = delete;

  /// The grid that GDAL suggests for the whole raster, as gdalwarp's by default. OpenFailed without such points, or when they do not fit.
  Result<GeoBox> suggestedGrid();
  /// The file of heights; empty without one.
  const std::string& heights() const { return m_rpcDem; }
  /// In place, (col, row) on `grid` to (col, row) of the raster; infinite where there is none.
  Result<void> toRaster(const GeoBox& grid, std::vector<double>& cols, std::vector<double>& rows);

 private:
  Result<void*> borrow();
  void giveBack(void* transformer);

  std::shared_ptr<GdalHandles> m_handles;
  std::string m_method, m_rpcHeight, m_rpcDem;
  std::mutex m_mutex;
  std::vector<void*> m_free;
};

/// Nearest pixels of another source, on a grid. Each output pixel is found by itself, exactly, so that what is read does not depend on how
/// it is cut. Thread-safe. Reads the pixels under tiles of the output, small enough that their scratch has a fixed bound.
class GdalPlacedSource final : public Source {
 public:
  /// `raster` has dims (band, y, x); `fill` goes where no pixel of it lies.
  GdalPlacedSource(std::shared_ptr<Source> raster, std::shared_ptr<GdalTransformers> transformers, const GeoBox& grid, double fill);

  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override;
  /// At least the raster's blocks under each tile and band of the region, which are read anew for each: from a lattice of each tile's
  /// pixels.
  ReadCost cost(const Region& region) const override;
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override;
  std::vector<std::string> files() const override;

 private:
  struct Tile;
  Result<void> readTile(const Region& region, const BlockView& to, ReadContext& context, const Tile& tile);
  /// The rows and columns under a lattice of `steps` x `steps` over the region's extent, and a margin; empty when it lies outside.
  Region underRegion(const Region& region, int steps) const;
  ReadCost tileCost(const Region& tile) const;

  std::shared_ptr<Source> m_raster;
  std::shared_ptr<GdalTransformers> m_transformers;
  ArraySpec m_spec;
  double m_fill;
};

/// Puts `opened`, a raster of `handles`, on the grid that `request.georeference` asks for. InvalidParameter when nothing says what lies
/// outside the raster.
Result<void> placeOnGrid(OpenedDataset& opened, std::shared_ptr<GdalHandles> handles, const OpenRequest& request);

}  // namespace cubeloom
