// SPDX-License-Identifier: GPL-3.0-or-later
// When two grids are one: makers of files round the same grid differently, by far less than a pixel.
#pragma once

#include <string>

#include "engine/geo/geobox.h"

namespace cubeloom {

/// The same shape and CRS, and no corner more than a thousandth of a pixel away.
bool isSameGrid(const GeoBox& a, const GeoBox& b);

/// How `other` differs from `grid` where they are not the same: "its corners lie up to 0.25 px away"; "" where they are.
std::string gridDifference(const GeoBox& grid, const GeoBox& other);

/// What makes them one, in one sentence: saying where one of them lies, where it does not say it, else `resample` ("bring ... like=").
std::string sameGridRemedy(const GeoBox& grid, const GeoBox& other, const std::string& resample);

}  // namespace cubeloom
