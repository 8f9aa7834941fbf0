// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/gdal/location_arrays.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "engine/base/system.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/gdal/gdal_drivers.h"

namespace cubeloom {
namespace {

/// Per location: two doubles, and while the inverse is made, 1.3 nodes of it with three floats each and as much again to fill its holes,
/// for which GDAL takes scratch files of two floats and a mask, here in memory.
constexpr double kBytesPerLocation = 2 * 8 + 1.3 * (2 * 3 * 4 + 2 * 4 + 1);

struct ArraySize {
  double rows, cols;
};
Result<ArraySize> sizeOf(GdalHandles& handles) {
  const auto loan = handles.borrow();
  if (!loan) return fail(loan.error());
  return ArraySize{static_cast<double>(loan->file().rows), static_cast<double>(loan->file().cols)};
}

/// Of the array in the file `name`; empty: of the raster itself.
Result<ArraySize> sizeOf(GdalHandles& raster, const std::string& name) {
  if (name.empty()) return sizeOf(raster);
  const std::string place = "the locations of " + raster.path() + " are in " + name;
  std::error_code error;
  // Only files: GDAL takes names of other things, too, such as addresses in memory.
  if (!std::filesystem::is_regular_file(name, error))
    return failAt(ErrorCode::OpenFailed, raster.path(), place + ", which is no file on this machine",
                  "put the file there, or name it anew in the GEOLOCATION metadata");
  const std::string real = std::filesystem::canonical(name, error).string();
  if (error || !real.starts_with(std::filesystem::path(raster.path()).parent_path().string() + "/"))
    return failAt(ErrorCode::OpenFailed, raster.path(), place + ", which is not under the raster's folder",
                  "put the file there, and name it anew in the GEOLOCATION metadata");
  GdalHandles array(raster.gdal(), real, rasterDrivers());
  auto size = sizeOf(array);
  if (!size) size.error().message = place + ": " + size.error().message;
  return size;
}

}  // namespace

Result<std::vector<std::string>> locationFiles(GdalHandles& raster, const GdalLocations& locations) {
  const std::string& path = raster.path();
  std::vector<std::string> files;
  double count = 1;
  for (const std::string& name : {locations.x, locations.y}) {
    const auto size = sizeOf(raster, name);
    if (!size) return fail(size.error());
    // Of a regular grid the arrays are one line each.
    count = size->rows == 1 ? count * size->cols : size->rows * size->cols;
    if (!name.empty() && name != path && std::find(files.begin(), files.end(), name) == files.end()) files.push_back(name);
  }
  const double bytes = count * kBytesPerLocation;
  const auto most = static_cast<double>(systemFacts().memoryAvailableBytes) / 2;
  if (bytes > most)
    return failAt(ErrorCode::OverBudget, path,
                  "placing " + path + " by its " + formatCount(static_cast<std::int64_t>(count)) + " locations takes " + formatSize(bytes) +
                      " of memory; the limit is half of what is free, " + formatSize(most),
                  "open a part of it, or free memory");
  return files;
}

}  // namespace cubeloom
