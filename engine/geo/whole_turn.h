// SPDX-License-Identifier: GPL-3.0-or-later
// Grids whose columns are longitudes: which of them go all round the Earth, and where a map cuts it open.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/geo/crs.h"
#include "engine/geo/geobox.h"

namespace cubeloom {

/// Once round, in degrees.
inline constexpr double kTurn = 360;

/// Along the columns of `grid` its longitudes change, in degrees, and nothing else does.
bool hasLongitudes(const GeoBox& grid);

/// The columns it takes to go once round the Earth, where those of `grid` do; more columns than these see places twice.
std::optional<std::int64_t> columnsRound(const GeoBox& grid);

/// Once round from the meridian `west`, with as many columns as columnsRound(grid), which must be set.
GeoBox onceRound(const GeoBox& grid, double west);

/// The meridian, -180 <= it < 180, whose two sides lie far apart on a map of the world; unset where there is none or several, as around a
/// pole or on a map that does not hold all of the parallel at `latitude`. `toMap` is from longitudes and latitudes in degrees.
std::optional<double> cutMeridian(const Transformer& toMap, double latitude);

/// Whether `meridian` runs through `grid`, not along its edge.
bool isCutBy(const GeoBox& grid, double meridian);

}  // namespace cubeloom
