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
/// `dim`: the one that has an entry per point.
Result<PlacedPoints> pointsOn(const ArraySpec& array, const Params& params, const std::string& name, const BindContext& context,
                              const std::string& dim = "point");

/// The parameter of a radius around points, in metres.
Param bufferParam(const std::string& help);
/// The polygon of 64 corners of `metres` around each of `points` (crs_circle.h), on the array's grid.
PlacedPolygons disksAround(const ArraySpec& array, const PlacedPoints& points, double metres, bool isTurned = false);

/// A dim with an entry per feature: whole numbers are its coordinate, other ids its labels.
Dim dimOfIds(const std::string& name, const std::vector<std::string>& ids);

/// "12 polygons"
std::string countOf(std::size_t count, const char* what);

}  // namespace cubeloom
