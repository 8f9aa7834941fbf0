// SPDX-License-Identifier: GPL-3.0-or-later
// A Zarr hierarchy that lies in other files, as a kerchunk reference file says.
#pragma once

#include <memory>
#include <string>

#include "engine/io/zarr/zarr_store.h"

namespace cubeloom {

/// `path` is the real path of an existing file. Targets are local files: relative ones are relative to the reference file; all must lie,
/// links resolved, beneath the folder above the reference file's own (its own, where that is the root of the file system), and no step of
/// the way may be hidden. Nothing remote is asked. OpenFailed names what is refused; the targets of an array are looked at when it is
/// opened.
Result<std::shared_ptr<ZarrStore>> openKerchunk(const std::string& path);

}  // namespace cubeloom
