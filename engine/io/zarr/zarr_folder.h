// SPDX-License-Identifier: GPL-3.0-or-later
// A Zarr hierarchy in a local folder, consolidated or not.
#pragma once

#include <memory>
#include <string>

#include "engine/io/zarr/zarr_store.h"

namespace cubeloom {

/// `path` is the real path of an existing folder. Reads consolidated metadata where there are any (.zmetadata, or within zarr.json), else
/// walks the groups. Links that lead out of the folder are not followed. OpenFailed: no metadata, or metadata that is not what it must be.
Result<std::shared_ptr<ZarrStore>> openZarrFolder(const std::string& path);

}  // namespace cubeloom
