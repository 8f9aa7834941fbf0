// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays of locations that GDAL's GEOLOCATION metadata names: the place of each pixel of a raster, or of every n-th.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// The files other than `path` itself that the GEOLOCATION domain of `dataset` (a GDALDatasetH of `path`) names. OpenFailed when one is not
/// a raster file on this machine; OverBudget when what GDAL makes of the arrays, in memory, exceeds half of what is free.
Result<std::vector<std::string>> locationFiles(void* dataset, const std::string& path);

}  // namespace cubeloom
