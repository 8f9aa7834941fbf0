// SPDX-License-Identifier: GPL-3.0-or-later
// The names by which GDAL opens the rasters of a file.
#pragma once

#include <string>

namespace cubeloom {

/// The file in the name of one of its rasters: HDF4_EOS:EOS_GRID:"/data/x.hdf":grid:field, HDF4_SDS:UNKNOWN:/data/x.hdf:0 -> /data/x.hdf.
/// What begins with a slash is a file itself.
inline std::string fileOfRaster(const std::string& name) {
  if (name.empty() || name.front() == '/') return name;
  const std::size_t quote = name.find('"'), end = quote == std::string::npos ? quote : name.find('"', quote + 1);
  if (end != std::string::npos) return name.substr(quote + 1, end - quote - 1);
  const std::size_t begin = name.find(":/");
  if (begin == std::string::npos) return name;
  // A number or a name without slashes stands behind the file; the file's own name may hold colons.
  const std::size_t last = name.rfind(':');
  return last > begin + 1 && name.find('/', last) == std::string::npos ? name.substr(begin + 1, last - begin - 1) : name.substr(begin + 1);
}

}  // namespace cubeloom
