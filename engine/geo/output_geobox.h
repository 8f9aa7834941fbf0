// SPDX-License-Identifier: GPL-3.0-or-later
// The grid a reprojection produces, by the rules of odc-geo 0.4.1's output_geobox; a tight one of a given shape by gdalwarp's.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/result.h"
#include "engine/geo/geobox.h"

namespace cubeloom {

enum class ResolutionMode { Auto, Fit, Same, Given };
enum class Anchor { Default, Edge, Center, Floating };

/// What the user asks of the output grid.
struct GridRequest {
  Crs crs;  ///< invalid: the source's
  ResolutionMode mode = ResolutionMode::Auto;
  double resolutionX = 0, resolutionY = 0;           ///< for Given, both positive, in units of `crs`
  std::optional<std::int64_t> shapeRows, shapeCols;  ///< both: exact shape; wins over the resolution
  std::optional<std::int64_t> shapeLongest;          ///< one number: that many pixels along the longer side
  std::optional<Bounds> bounds;                      ///< extent in `crs` instead of the source's footprint
  bool tight = false;  ///< not snapped; of a given shape the extent exactly, without odc-geo's buffer around the source's footprint
  Anchor anchor = Anchor::Default;
};

/// The smallest sensible axis-aligned grid in `request.crs` that covers `source`.
/// Source of the rules: opendatacube/odc-geo v0.4.1, odc/geo/overlap.py (compute_output_geobox) and geobox.py (from_bbox).
/// CrsUnavailable when the footprint cannot be transformed; InvalidParameter for a resolution that is not positive.
Result<GeoBox> outputGeobox(const GeoBox& source, const GridRequest& request);

}  // namespace cubeloom
