// SPDX-License-Identifier: GPL-3.0-or-later
// Files that are no plain local files: members of local archives, and, when the network is on, rasters behind URLs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// A file that GDAL reads through one of its virtual file systems.
struct VirtualFile {
  std::string name;                 ///< GDAL's: "/vsizip/{/data/x.zip}/a.tif", "/vsicurl/https://host/x.tif"
  std::string stem;                 ///< "a": what the array is called
  std::vector<std::string> onDisk;  ///< the local archive; nothing for the network
  bool isRemote = false;
};

/// What `path` names when it is /vsizip/, /vsitar/ or /vsigzip/ with a local archive, /vsicurl/ or /vsis3/, http://, https:// or s3://;
/// nothing for a plain path. OpenFailed: the archive is not there, the member leaves it, the network is off, another virtual file system.
Result<std::optional<VirtualFile>> virtualFile(const std::string& path, bool isNetworkOn);

}  // namespace cubeloom
