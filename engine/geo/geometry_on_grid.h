// SPDX-License-Identifier: GPL-3.0-or-later
// Geometries of one CRS brought onto the pixel grid of another.
#pragma once

#include <optional>

#include "engine/geo/geobox.h"
#include "engine/geo/geometry.h"

namespace cubeloom {

/// Brings geometries of one CRS into the pixel coordinates (column, row) of a grid. Used by one thread at a time.
///
/// Edges are straight in their own CRS. Each is divided until what lies between its ends is off by no more than kMostBend pixels. Where
/// the grid has longitudes in degrees, a geometry is where it is and a whole turn away as well, as far as that meets the grid: polygons
/// from -180 to 180, cut at the antimeridian as RFC 7946 asks for, join on a grid from 0 to 360.
class GeometryPlacer {
 public:
  static constexpr double kMostBend = 0.0002;

  /// `from` invalid: the grid's own. CrsUnavailable: PROJ cannot join the two.
  static Result<GeometryPlacer> onto(const GeoBox& grid, const Crs& from);

  /// Polygons, cut off one pixel beyond the grid. Nothing where a vertex near the grid cannot be transformed.
  std::optional<Geometry> place(const Geometry& geometry) const;
  /// One point; infinite where it cannot be transformed. A longitude is taken the turn away that lies on the grid.
  Vertex place(const Vertex& point) const;

 private:
  GeometryPlacer(GeoBox grid, Transformer transformer);
  std::optional<std::vector<Vertex>> ringOnGrid(std::vector<Vertex> ring) const;
  void toPixels(std::vector<Vertex>& places) const;

  GeoBox m_grid;
  Affine m_toPixels;
  Transformer m_transformer;
  std::optional<Bounds> m_near;  ///< in the geometries' CRS: what lies beyond cannot meet the grid; unset: not known
  double m_turn = 0;             ///< columns once round the Earth; 0: the grid has no longitudes
};

}  // namespace cubeloom
