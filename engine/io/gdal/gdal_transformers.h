// SPDX-License-Identifier: GPL-3.0-or-later
// Rasters that no geotransform places on the ground: GDAL's transformers say where each of their pixels lies.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/access/source.h"
#include "engine/geo/warp/pixel_mapper.h"
#include "engine/io/gdal/gdal_handles.h"

namespace cubeloom {

/// GDAL's transformers of one raster, each used by one thread at a time, and the grid that GDAL suggests for it.
/// The arrays that invert locations are made once, held as long as this lives, and only read: one object serves all threads. Thread-safe.
class GdalTransformers {
 public:
  /// By `request.georeference`: "gcp" (a polynomial of the order that the number of points suggests), "gcp1", "gcp2", "gcp3", "tps",
  /// "rpc" (at its height or on its heights) or "geolocation". The grid is the one that gdalwarp takes by default. InvalidParameter without
  /// such points or arrays; OpenFailed when they do not fit; OverBudget when arrays of locations are too large for this machine.
  static Result<std::shared_ptr<GdalTransformers>> create(std::shared_ptr<GdalHandles> handles, const GdalFacts& facts,
                                                          const OpenRequest& request);
  ~GdalTransformers() = default;
  GdalTransformers(const GdalTransformers&) = delete;
  GdalTransformers& operator=(const GdalTransformers&) = delete;

  const GeoBox& grid() const { return m_grid; }
  /// What the positions are computed from beside the raster: a file of heights, files of locations.
  const std::vector<std::string>& files() const { return m_files; }

  /// From the grid to the raster and back, for one thread; goes back when destroyed.
  class Loan final : public PixelMap {
   public:
    Loan(GdalTransformers& owner, const GdalHandle& transformer) : m_owner(owner), m_transformer(transformer) {}
    ~Loan() override;
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    void toSource(double* cols, double* rows, std::size_t count) const override { transform(true, cols, rows, count); }
    void toTarget(double* cols, double* rows, std::size_t count) const override { transform(false, cols, rows, count); }
    /// The first failure of the above, ReadFailed: positions are then missing that may exist.
    Result<void> outcome() const;

   private:
    void transform(bool toRaster, double* cols, double* rows, std::size_t count) const;

    GdalTransformers& m_owner;
    const GdalHandle& m_transformer;
    mutable std::optional<Error> m_failure;
  };
  Result<std::unique_ptr<Loan>> borrow();

 private:
  explicit GdalTransformers(std::shared_ptr<GdalHandles> handles, const OpenRequest& request);
  bool isShared() const { return m_placing.method == "geolocation"; }
  Result<void> findFiles(const GdalFacts& facts);
  Result<void> suggestGrid(const GdalFacts& facts);
  Result<const GdalHandle*> make();

  std::shared_ptr<GdalHandles> m_handles;
  GdalPlacing m_placing;
  std::vector<std::string> m_files;
  GeoBox m_grid;
  std::optional<GdalHandles::Loan> m_arrays;  ///< what transformers by location refer to
  std::mutex m_mutex;
  std::deque<GdalHandle> m_made;
  std::vector<const GdalHandle*> m_free;
};

}  // namespace cubeloom
