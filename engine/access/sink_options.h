// SPDX-License-Identifier: GPL-3.0-or-later
// What a request asks of the layout of its file, beside what all formats have.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cubeloom {

struct SinkOptions {
  std::vector<std::int64_t> chunks = {};  ///< elements per dim: 0 is the whole dim; empty: what the format takes by itself
  std::int64_t blockSize = 0;             ///< of a GeoTIFF: the side of its tiles, in pixels; 0: what it takes by itself
  std::string layout = {};                ///< of a table: "long", "wide" (its last dim as columns); else statistics as columns
  /// Of a table with places: GeoJSON geometries in longitude and latitude, one per entry of `geometryDim`.
  std::vector<std::string> geometries = {};
  int geometryDim = -1;
};

}  // namespace cubeloom
