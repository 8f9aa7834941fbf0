// SPDX-License-Identifier: GPL-3.0-or-later
// Where a Zarr array lies on the ground: its CRS and its pixel grid, from CF's and GDAL's attributes.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/geo/geobox.h"

namespace cubeloom {

enum class AxisRole { None, X, Y };

/// By CF's attributes `standard_name`, `axis` and `units` of the coordinate.
AxisRole axisRoleOf(const nlohmann::json& attributes);
/// By its name alone: x/y, lon/lat, longitude/latitude, easting/northing.
AxisRole axisRoleOf(const std::string& name);

/// The CRS of a grid mapping's attributes: GDAL's _CRS, else as crsFromGridMapping() has it. Unknown, with a note, when they say none that
/// is understood.
Crs gridMappingCrs(const nlohmann::json& attributes, std::vector<std::string>& notes);

/// Evenly spaced pixel centres of one axis.
struct RegularAxis {
  double start = 0, step = 1;
};
/// Even within a thousandth of a step, or within what float32 can tell when `single`; nothing otherwise, or for fewer than two centres.
std::optional<RegularAxis> regularAxis(const std::vector<double>& centres, bool single);

/// GDAL's six numbers written as text ("717500 500 0 3866000 0 -500"), as rioxarray and GDAL put them into `GeoTransform`.
std::optional<Affine> parseGeotransform(const nlohmann::json& attributes);

}  // namespace cubeloom
