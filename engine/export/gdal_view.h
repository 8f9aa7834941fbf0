// SPDX-License-Identifier: GPL-3.0-or-later
// Views as GDAL sees them: rows and columns of a raster, and its bands, which are all other dims flattened in order.
#pragma once

#include <string>

#include "engine/op/operation.h"

namespace cubeloom {

/// What gdal_translate has to be told to make a view's raster of its input's.
struct GdalView {
  std::string reason;   ///< not empty: it cannot
  std::string options;  ///< " -b 3 -b 1 -srcwin 0 0 10 10"; empty: for GDAL it is the same raster
};

GdalView gdalView(const BoundOperation& view, const ArraySpec& input);

}  // namespace cubeloom
