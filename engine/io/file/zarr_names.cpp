// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/zarr_names.h"

#include <filesystem>

namespace cubeloom {

bool isZarrFolder(const std::string& path) {
  std::error_code error;
  for (const char* name : {".zmetadata", ".zgroup", ".zarray", "zarr.json"})
    if (std::filesystem::is_regular_file(std::filesystem::path(path) / name, error)) return true;
  return false;
}

bool isZarrName(const std::string& name) {
  if (name == ".zgroup" || name == ".zarray" || name == ".zattrs" || name == ".zmetadata") return true;
  return !name.empty() && name.find_first_not_of("0123456789.") == std::string::npos && name[0] != '.';
}

}  // namespace cubeloom
