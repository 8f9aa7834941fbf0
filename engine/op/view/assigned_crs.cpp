// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/view/assigned_crs.h"

#include "engine/geo/pixel_grid.h"
#include "engine/op/view/selection.h"

namespace cubeloom {

Result<ArraySpec> withAssignedCrs(const ArraySpec& input, const Crs& crs) {
  if (!input.geobox) return fail(ErrorCode::GridMismatch, "the input has no grid on the ground", "its dims are " + dimList(input));
  if (countsPixels(*input.geobox))
    return fail(ErrorCode::GridMismatch, "nothing says where the input's pixels lie: a CRS alone does not place its rows and columns",
                "say it with assign_grid, which also takes the CRS: geotransform=, bounds= or world_file=");
  ArraySpec spec = input;
  spec.setGeobox(input.geobox->withCrs(crs));
  return spec;
}

}  // namespace cubeloom
