// SPDX-License-Identifier: GPL-3.0-or-later
// Reads a raster through GDAL, the judge of what the sinks wrote; knows nothing of the engine's own readers.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cubeloom::test {

/// One band as GDAL tells it.
struct ReadBand {
  std::string description, unit, colour;
  std::map<std::string, std::string> metadata;
  std::optional<double> nodata;
  double scale = 1, offset = 0;
  std::vector<std::pair<int, int>> overviews;  ///< (rows, cols)
};

/// A whole file. `pixels` are [band, row, col] in the file's own type.
struct ReadRaster {
  std::string problem;  ///< why it could not be read; all else is empty then
  int bands = 0, rows = 0, cols = 0;
  std::string type;  ///< GDAL's name
  std::array<double, 6> geotransform{};
  std::string wkt, authority;
  std::map<std::string, std::string> metadata, structure;
  std::vector<ReadBand> band;
  std::vector<std::byte> pixels;
};
/// `overview`: -1 for the full resolution, else pixels of that overview.
ReadRaster readRaster(const std::string& path, const std::string& driver, int overview = -1);

}  // namespace cubeloom::test
