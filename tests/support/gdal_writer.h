// SPDX-License-Identifier: GPL-3.0-or-later
// Rasters written by GDAL, so that the readers are not checked against writers of ours.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/pixel_type.h"
#include "engine/geo/geobox.h"

namespace cubeloom::test {

struct GdalFile {
  std::string path;
  std::string driver = "GTiff";
  PixelType type = PixelType::UInt8;
  int bands = 1, rows = 1, cols = 1;
  std::string crs = "EPSG:32610";
  std::array<double, 6> geotransform{500000, 10, 0, 4000000, 0, -10};
  std::vector<std::string> options;  ///< "NAME=VALUE" of the driver
  std::vector<int> overviews;        ///< factors
  bool hasPalette = false;
  std::optional<double> nodata;
  std::vector<std::pair<double, double>> scales;  ///< factor and offset of each band
  std::string unit;
  std::vector<std::array<double, 4>> controlPoints;  ///< (col, row, x, y) instead of the geotransform
  std::vector<std::string> geolocation;              ///< "NAME=VALUE" of the domain
  bool isPoint = false;                              ///< AREA_OR_POINT=Point
  std::string overviewFile;                          ///< OVERVIEW_FILE of the domain OVERVIEWS
};

/// `pixels`: [band, row, col] of the file's type. Empty, or what GDAL complained about.
std::string writeGdalFile(const GdalFile& file, std::vector<std::byte> pixels);

/// A GeoTIFF of 40 x 40 heights over `bounds` in degrees and 0.02 degrees around: `lowest` metres in the north-west, and 10 more with each
/// pixel to the south or east.
std::string writeSlope(const std::string& path, const Bounds& bounds, float lowest);

/// The text of a VRT beside `path` whose bands are those of `path` with the rows from `cut` on first, the others after them.
std::string vrtOfTwoParts(const GdalFile& file, int cut);

}  // namespace cubeloom::test
