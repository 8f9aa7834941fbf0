// SPDX-License-Identifier: GPL-3.0-or-later
// What a folder offers to open: sub-folders and rasters, told by their names alone.
#pragma once

#include <QString>
#include <vector>

#include "engine/base/cancel.h"

namespace cubeloom {

struct FolderEntry {
  QString name;
  QString path;
  bool isFolder = false;
  double bytes = 0;  ///< of the data file; 0 for folders and stores
};

struct FolderListing {
  std::vector<FolderEntry> entries;  ///< folders first, then datasets, each by name
  QString problem;                   ///< why the folder could not be listed, or that the list was cut
};

/// Blocking; meant for a worker. A dataset is a file with a raster's suffix, a data file with an ENVI header beside it, or a Zarr folder;
/// headers and other sidecars are not listed. Opens no file.
FolderListing scanFolder(const QString& path, const CancelToken& cancel);

}  // namespace cubeloom
