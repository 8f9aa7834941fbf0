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

/// Most that a coordinate may lie off the straight line between its first and last value, in pixels, and still be a grid.
inline constexpr double kRegularWithinPixels = 0.01;

}  // namespace cubeloom
