// SPDX-License-Identifier: GPL-3.0-or-later
// Circles of so many metres around a place, as polygons.
#pragma once

#include <optional>

#include "engine/geo/crs.h"
#include "engine/geo/geometry.h"

namespace cubeloom {

/// The polygon of 64 corners, as GEOS and shapely have it (16 a quarter, the first one east of the centre), whose corners lie `metres` from
/// `centre`, all in `crs`: in the plane of a projected one, along geodesics of the ellipsoid in one of longitudes and latitudes. An unknown
/// one is in metres. Nothing where a pole lies inside, whose polygon no longitudes and latitudes have, or where PROJ knows no ellipsoid.
std::optional<Geometry> circleAround(const Crs& crs, const Vertex& centre, double metres);

}  // namespace cubeloom
