// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays of locations that GDAL's GEOLOCATION metadata names: the place of each pixel of a raster, or of every n-th.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/io/gdal/gdal_handles.h"

namespace cubeloom {

/// The files other than `raster` itself that its `locations` name. OpenFailed when one is not a raster file on this machine; OverBudget
/// when what GDAL makes of the arrays, in memory, exceeds half of what is free.
Result<std::vector<std::string>> locationFiles(GdalHandles& raster, const GdalLocations& locations);

}  // namespace cubeloom
