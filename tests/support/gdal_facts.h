// SPDX-License-Identifier: GPL-3.0-or-later
// What GDAL reads of an output beside its pixels, so that our writers are not checked by readers of ours.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

namespace cubeloom::test {

/// One variable of a NetCDF file or Zarr store.
struct StoredArray {
  bool isThere = false;
  std::string dims;  ///< "y,x"
  std::string type;  ///< "Float32", "String"
  std::vector<double> values;
  std::map<std::string, std::string> attributes;  ///< with "units"
};
StoredArray storedArray(const std::string& path, const std::string& variable);

/// What a raster says.
struct RasterWords {
  std::array<double, 6> transform{};
  std::string areaOrPoint;
  std::string vertical;  ///< what its CRS counts heights from
};
RasterWords rasterWords(const std::string& path);

}  // namespace cubeloom::test
