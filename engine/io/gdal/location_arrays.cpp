// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/location_arrays.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "engine/base/system.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_error.h"
#include "engine/io/gdal/gdal_library.h"

namespace cubeloom {
namespace {

/// Per location: two doubles, and while the inverse is made, 1.3 nodes of it with three floats each and as much again to fill its holes.
constexpr double kBytesPerLocation = 2 * 8 + 2 * 1.3 * 3 * 4;

/// The dataset that `key` names; empty: the raster itself.
std::string nameIn(GDALDatasetH dataset, const char* key, const std::string& path) {
  const char* name = GDALGetMetadataItem(dataset, key, "GEOLOCATION");
  if (name == nullptr) return {};
  const char* isRelative = GDALGetMetadataItem(dataset, (std::string(key) + "_RELATIVE_TO_SOURCE").c_str(), "GEOLOCATION");
  if (isRelative == nullptr || !CPLTestBool(isRelative)) return name;
  return (std::filesystem::path(path).parent_path() / name).string();
}

}  // namespace

Result<std::vector<std::string>> locationFiles(void* dataset, const std::string& path) {
  std::vector<std::string> files;
  double locations = 1;
  for (const char* key : {"X_DATASET", "Y_DATASET"}) {
    const std::string name = nameIn(dataset, key, path);
    std::error_code error;
    // Only files: GDAL takes names of other things, too, such as addresses in memory.
    if (!name.empty() && !std::filesystem::is_regular_file(name, error))
      return failAt(ErrorCode::OpenFailed, path, "the locations of " + path + " are in " + name + ", which is no file on this machine",
                    "put the file there, or name it anew in the GEOLOCATION metadata");
    const GdalErrorScope errors;
    GDALDatasetH opened = name.empty() ? nullptr : GDALOpen(name.c_str(), GA_ReadOnly);
    if (!name.empty() && opened == nullptr)
      return errors.failure(ErrorCode::OpenFailed, name, "the locations of " + path + " are in " + name + ", which cannot be opened");
    GDALDatasetH array = opened != nullptr ? opened : dataset;
    // Of a regular grid the arrays are one line each.
    const double rows = GDALGetRasterYSize(array), cols = GDALGetRasterXSize(array);
    locations = rows == 1 ? locations * cols : rows * cols;
    if (opened != nullptr) GDALClose(opened);
    if (!name.empty() && name != path && std::find(files.begin(), files.end(), name) == files.end()) files.push_back(name);
  }
  const double bytes = locations * kBytesPerLocation;
  const auto most = static_cast<double>(systemFacts().memoryAvailableBytes) / 2;
  if (bytes > most)
    return failAt(ErrorCode::OverBudget, path,
                  "placing " + path + " by its " + formatCount(static_cast<std::int64_t>(locations)) + " locations takes " +
                      formatSize(bytes) + " of memory; the limit is half of what is free, " + formatSize(most),
                  "open a part of it, or free memory");
  return files;
}

}  // namespace cubeloom
