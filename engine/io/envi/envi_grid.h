// SPDX-License-Identifier: GPL-3.0-or-later
// Where an ENVI raster lies on the ground: map info and coordinate system string to a GeoBox.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/geo/geobox.h"
#include "engine/io/envi/envi_header.h"

namespace cubeloom {

/// `map info = {projection, reference x, reference y, easting, northing, pixel width, pixel height, [zone, North|South,] datum, units=,
/// rotation=}`. The reference pixel counts from 1 at the outer corner of the first pixel; rotation is in degrees, counter-clockwise.
struct EnviMapInfo {
  std::string projection;
  Affine affine;
  int zone = 0;  ///< UTM only
  bool south = false;
  std::string datum, units;
};

/// Nothing, and a note why, when a number is missing, not finite, or a pixel size is not positive.
std::optional<EnviMapInfo> enviMapInfo(const EnviHeader& header, std::vector<std::string>& notes);

/// "EPSG:32610" for UTM and geographic map infos on WGS-84, WGS-72, NAD-83, NAD-27 and ETRS-89; empty for others.
std::string enviEpsg(const EnviMapInfo& info);

/// The grid of a raster of `lines` x `samples`: the CRS from the coordinate system string (Esri's WKT), else from map info, else unknown.
/// Without map info, plain pixel coordinates (x right, y down) without a CRS. `notes` says what is missing.
GeoBox enviGrid(const EnviHeader& header, std::int64_t lines, std::int64_t samples, std::vector<std::string>& notes);

}  // namespace cubeloom
