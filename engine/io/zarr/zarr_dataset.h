// SPDX-License-Identifier: GPL-3.0-or-later
// A Zarr hierarchy opened by the CF conventions.
#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/io/source/opened_dataset.h"
#include "engine/io/zarr/zarr_store.h"

namespace cubeloom {

/// As openCfDataset(). OpenFailed or UnsupportedType also when the array that is asked for, or every array, cannot be read.
Result<OpenedDataset> openZarr(std::shared_ptr<const ZarrStore> store, const OpenRequest& request);

}  // namespace cubeloom
