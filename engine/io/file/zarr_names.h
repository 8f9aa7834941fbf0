// SPDX-License-Identifier: GPL-3.0-or-later
// By which file names a folder is known as a Zarr hierarchy.
#pragma once

#include <string>

namespace cubeloom {

/// Whether a folder holds Zarr metadata of any version (.zgroup, .zarray, .zmetadata, zarr.json).
bool isZarrFolder(const std::string& path);

/// ".zarray", "0.1.2", "0": what a Zarr hierarchy of version 2 puts into its folders.
bool isZarrName(const std::string& name);

}  // namespace cubeloom
