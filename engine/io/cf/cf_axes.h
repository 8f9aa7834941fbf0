// SPDX-License-Identifier: GPL-3.0-or-later
// Which dims of a variable are x, y, time and wavelength, and the coordinates along each.
#pragma once

#include <string>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/io/cf/cf_variables.h"

namespace cubeloom {

/// Sets the coordinates of all dims of `spec` (variable `index`, dims named and sized), its spatial pair and its geobox, and adds what was
/// assumed or left out to `notes`.
void setAxes(CfVariables& variables, std::size_t index, ArraySpec& spec, std::vector<std::string>& notes);

/// By its unit or standard_name, in any of CF's spellings.
bool isLongitudeOrLatitude(const StoredVariable& variable);

/// Whether a variable is an axis of others rather than an array of its own: longitudes and latitudes in two dims, bounds.
bool isAuxiliary(const StoredVariable& variable);
/// The dims of `spec`, an array `array`, along which longitudes or latitudes `v` of two dims lie, or of three, the first of which is the
/// time; empty: they are not of it. By name; dims that HDF5 has no names for in a group beside it, and the control points of ocean colour
/// products where there is one at every pixel, by their size.
std::vector<int> perPixelDims(const StoredVariable& v, const StoredVariable& array, const ArraySpec& spec);
/// Whether its name and shape are those of a coordinate's bounds: "lat_bnds" (lat, 2).
bool isCalledBounds(const StoredVariable& variable);

/// Most that a coordinate may lie off the straight line between its first and last value, in pixels, and still be a grid.
inline constexpr double kRegularWithinPixels = 0.01;

}  // namespace cubeloom
