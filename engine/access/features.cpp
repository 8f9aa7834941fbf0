// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/access/features.h"

#include <algorithm>
#include <filesystem>

#include "engine/base/text.h"

namespace cubeloom {

bool isFeaturesName(const std::string& path) {
  static const std::vector<std::string> suffixes = {".gpkg", ".geojson", ".shp", ".fgb", ".kml", ".csv"};
  const std::string suffix = toLower(std::filesystem::path(path).extension().string());
  return std::find(suffixes.begin(), suffixes.end(), suffix) != suffixes.end();
}

}  // namespace cubeloom
