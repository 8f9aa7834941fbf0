// SPDX-License-Identifier: GPL-3.0-or-later
// Locations of a swath's pixels (IGM, longitudes and latitudes), and the lookup table of a map grid that follows from them. They are read
// whole before a pixel of the swath is.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/op/family/lookup_table.h"

namespace cubeloom {

/// How a pixel of the grid gets its value.
struct LocationRule {
  bool isBilinear = false;  ///< between the four locations around its centre; else of the nearest one
  double reach = 0;         ///< the farthest a location may lie, in units of the grid's CRS; 0: half as far as its own neighbours lie
  Crs crs;                  ///< of the locations
};

/// Where both numbers of a location stand, and along which dims.
struct LocationPlanes {
  std::vector<ArraySpec> arrays;  ///< one with both, or one of x and one of y
  std::vector<int> inputs;        ///< which inputs these are
  int layerDim = -1;              ///< of one array: the dim of its two entries
  std::int64_t xAt = 0, yAt = 1;  ///< along that dim
  int lineDim = -1, sampleDim = -1;
};

/// The planes of `inputs` from the second on, which have `lines` and `samples`. GridMismatch: others. UnsupportedType: complex. OverBudget:
/// more than locations may take (1 GiB).
Result<LocationPlanes> locationPlanes(const std::vector<ArraySpec>& inputs, std::int64_t lines, std::int64_t samples);

/// Reads them, in a pass for each array, and finds for each pixel of `grid` the one of the swath that lies there: whose location is the
/// nearest on the ground, and near enough (LocationRule). Longitudes shrink with the latitude, and go round. Locations that cannot be
/// transformed are none. GridMismatch: they are no longitudes and latitudes where these are said.
std::unique_ptr<const FitPass> locationPass(LocationPlanes planes, const GeoBox& grid, const LocationRule& rule, UntilTableFound pending,
                                            TableFound found);

}  // namespace cubeloom
