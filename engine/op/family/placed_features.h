// SPDX-License-Identifier: GPL-3.0-or-later
// The polygons and points of a file, as a parameter names them, on an array's pixel grid.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/geo/coverage.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// What all placed features have in common.
struct PlacedFeatures {
  std::vector<std::string> ids;  ///< one per feature
  std::vector<std::string> warnings;
  std::vector<std::string> files;
  std::string origin = {};  ///< of which file they are: see kept_features.h
};

struct PlacedPolygons : PlacedFeatures {
  std::vector<PixelPolygon> shapes;  ///< in the grid's pixels; empty where one does not reach it
};

struct PlacedPoints : PlacedFeatures {
  std::vector<Vertex> places;  ///< column and row; infinite where one cannot be transformed
};

/// The features with polygons, or with points, of the file that parameter `name` names; each point of a feature is one of its own. Where
/// the file says no CRS it is the array's. GridMismatch: the array has no grid; InvalidParameter and OpenFailed name the parameter.
/// `isTurned`: see PixelPolygon.
Result<PlacedPolygons> polygonsOn(const ArraySpec& array, const Params& params, const std::string& name, const BindContext& context,
                                  bool isTurned = false);
Result<PlacedPoints> pointsOn(const ArraySpec& array, const Params& params, const std::string& name, const BindContext& context);

/// A dim with an entry per feature: whole numbers are its coordinate, other ids its labels.
Dim dimOfIds(const std::string& name, const std::vector<std::string>& ids);

/// "12 polygons"
std::string countOf(std::size_t count, const char* what);

}  // namespace cubeloom
