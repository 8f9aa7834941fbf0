// SPDX-License-Identifier: GPL-3.0-or-later
// The parameters by which an operation is told its output's grid, and the grid that they say.
#pragma once

#include "engine/geo/geobox.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// crs, resolution, anchor; and like, shape, bounds, tight, which are advanced.
std::vector<Param> gridParams();

/// The grid that those parameters say for an array on `source`, as odc-geo's output_geobox. InvalidParameter names the parameter.
Result<GeoBox> gridOf(const Params& params, const GeoBox& source, const BindContext& context);

}  // namespace cubeloom
