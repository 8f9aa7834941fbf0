// SPDX-License-Identifier: GPL-3.0-or-later
// Shapes drawn on the map as a file with geometries, which a parameter can name, and back.
#pragma once

#include <QString>

#include "engine/access/features.h"
#include "engine/op/param.h"
#include "ui/steps/map_question.h"

namespace cubeloom {

/// Writes the shapes into a new file, whose name begins with `stem`, and gives the parameter's value. Each drawing has its file, so that
/// undo leads back to the one before. In `folder`, beside the chain, and relative to it; without one (a chain never saved) in the user's
/// data. GeoJSON: in the map's CRS where that has an EPSG code, else in longitude and latitude; of a map without a CRS a CSV of WKT.
/// WriteFailed.
Result<Json> saveShapes(const MapShapes& shapes, bool arePolygons, const QString& folder, const QString& stem);

/// The polygons, or the points, of a file as shapes to be edited.
MapShapes shapesOf(const Features& features, bool arePolygons);
/// So many corners can be edited by hand.
constexpr int kMostDrawnCorners = 5000;
int cornerCount(const MapShapes& shapes);

}  // namespace cubeloom
