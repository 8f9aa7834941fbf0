// SPDX-License-Identifier: GPL-3.0-or-later
// gdalwarp -et 0 -ovr NONE in one chunk on one thread, on rasters in memory: the judge of every warp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/geo/warp/warp.h"

namespace cubeloom::test {

/// One band onto a grid. The CRSs are given as text, so that GDAL reads them for itself; those of the grids are not looked at.
struct GdalWarpJob {
  std::string sourceCrs, targetCrs;
  GeoBox source, target;
  Resampling method = Resampling::Nearest;
  PixelType type = PixelType::Float32;
  std::optional<double> nodata;  ///< of source and target
  double fill = 0;               ///< where there is no value; of no meaning with nodata
  std::vector<std::byte> pixels;
};

struct GdalWarpAnswer {
  std::vector<std::byte> pixels;  ///< [row, col]
  std::string problem;            ///< what GDAL complained about; empty when it did not fail
};

/// `warpOptions` and `transformerOptions`: more "NAME=VALUE" for -wo and -to.
GdalWarpAnswer gdalwarp(const GdalWarpJob& job, const std::vector<std::string>& warpOptions = {},
                        const std::vector<std::string>& transformerOptions = {});

/// Every band of a file onto a grid in the CRS that gdalwarp itself takes for it: `words` are more of its arguments, such as -tps. [band,
/// row, col] of the file's own type.
GdalWarpAnswer gdalwarpFile(const std::string& path, const GeoBox& target, const std::vector<std::string>& words);

}  // namespace cubeloom::test
