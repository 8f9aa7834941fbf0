// SPDX-License-Identifier: GPL-3.0-or-later
// Masks that a raster carries beside its bands (a mask band, an alpha band), and how masked pixels become nodata.
#pragma once

#include <string>
#include <vector>

#include "engine/access/source.h"
#include "engine/io/gdal/gdal_service.h"

namespace cubeloom {

/// The masks of a dataset; those that only say "equal to nodata" are none.
struct GdalMask {
  std::vector<bool> bands;  ///< which bands are masked; none: empty
  bool isShared = false;    ///< one mask for all of them
  std::string name;         ///< "a mask band", "an alpha band", "nodata of all bands together (NODATA_VALUES)"
  bool isApplied = false;
  double fill = 0;  ///< what a masked pixel becomes

  bool hasAny() const { return !bands.empty(); }
};

GdalMask findMask(const std::vector<GdalBand>& bands);

/// Decides on `mask` for an array as the file has it, by `request.mask` and `request.nodata`: masked pixels become the nodata value asked
/// for, else the file's own, else NaN, for which integers become float32 (up to 16 bits) or float64. "auto" applies the mask only where the
/// pixel type stays as it is. Changes spec.type and spec.nodata. InvalidParameter: "apply" without a mask, a nodata that the type cannot
/// hold.
Result<void> settleMask(GdalMask& mask, const OpenRequest& request, ArraySpec& spec, std::vector<std::string>& notes);

}  // namespace cubeloom
