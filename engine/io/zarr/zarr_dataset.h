// SPDX-License-Identifier: GPL-3.0-or-later
// A Zarr v2 hierarchy opened: its arrays found, and the chosen one described as an array with dims, coordinates and a grid.
#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/io/source/opened_dataset.h"
#include "engine/io/zarr/zarr_store.h"

namespace cubeloom {

/// Takes `variable` ("name", "group/name"), or by default the first with spatial dims; without one, the largest. OpenFailed or
/// UnsupportedType when there is no array that can be read, or the chosen one cannot. A variable that is not there leaves the default one
/// chosen: the provider names it from the list.
Result<OpenedDataset> openZarr(std::shared_ptr<const ZarrStore> store, const std::string& variable);

}  // namespace cubeloom
