// SPDX-License-Identifier: GPL-3.0-or-later
// Grids that only count pixels: of rasters whose place on the ground is not known.
#pragma once

#include "engine/geo/geobox.h"

namespace cubeloom {

/// The grid of a raster that nothing places, or of some of its rows and columns: x and y are numbers of columns and rows, downwards, and
/// there is no CRS. A CRS alone would not place it.
bool countsPixels(const GeoBox& grid);

}  // namespace cubeloom
