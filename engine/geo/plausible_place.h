// SPDX-License-Identifier: GPL-3.0-or-later
// Whether a grid's coordinates can be those of its CRS.
#pragma once

#include <string>

#include "engine/geo/geobox.h"

namespace cubeloom {

/// What is wrong where coordinates cannot be degrees although the CRS says so (metres under EPSG:4326); "" elsewhere.
std::string implausiblePlace(const GeoBox& grid);

}  // namespace cubeloom
