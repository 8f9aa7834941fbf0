// SPDX-License-Identifier: GPL-3.0-or-later
// A STAC item as a dataset whose variables are its assets, with what the item says of their values.
#pragma once

#include <functional>

#include "engine/io/source/opened_dataset.h"

namespace cubeloom {

/// Opens the item at `request.path`: the asset that `request.variable` names, else the one that is plainly its data, else the first.
/// raster:bands (of STAC 1.1: bands) give scale, offset, unit and nodata where the file has none of its own; the item's datetime is the
/// coordinate "time". `open` opens a raster. OpenFailed: no item, or none of its assets can be opened.
Result<OpenedDataset> openStacItem(const OpenRequest& request, bool isNetworkOn,
                                   const std::function<Result<OpenedDataset>(const OpenRequest&)>& open);

}  // namespace cubeloom
