// SPDX-License-Identifier: GPL-3.0-or-later
// The parameters by which an operation is told its output's grid, and the grid that they say.
#pragma once

#include "engine/geo/output_geobox.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// crs, resolution, anchor; and like, shape, bounds, tight, which are advanced.
std::vector<Param> gridParams();

/// What those parameters ask for beside `like`; in `crs` where they name no other.
Result<GridRequest> gridRequestOf(const Params& params, const Crs& crs);
/// The grid of the node that `like` names; nothing where it names none.
Result<std::optional<GeoBox>> gridLike(const Params& params, const BindContext& context);

/// The grid that those parameters say for an array on `source`, as odc-geo's output_geobox. InvalidParameter names the parameter.
Result<GeoBox> gridOf(const Params& params, const GeoBox& source, const BindContext& context);

}  // namespace cubeloom
