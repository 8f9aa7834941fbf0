// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a grid's coordinates can be those of its CRS.
#pragma once

#include <string>

#include "engine/geo/geobox.h"

namespace cubeloom {

/// What is wrong where coordinates cannot be degrees although the CRS says so (metres under EPSG:4326), or look like degrees under one that
/// counts in metres; "" elsewhere.
std::string implausiblePlace(const GeoBox& grid);

}  // namespace cubeloom
