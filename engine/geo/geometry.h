// SPDX-License-Identifier: GPL-3.0-or-later
// A geometry on the ground: polygons with holes and several parts, or points.
#pragma once

#include <vector>

namespace cubeloom {

struct Vertex {
  double x = 0, y = 0;
  bool operator==(const Vertex&) const = default;
};

/// One closed line; whether the last vertex repeats the first does not matter, nor does the sense.
struct GeometryRing {
  std::vector<Vertex> vertices;
  bool isHole = false;
};

struct Geometry {
  std::vector<GeometryRing> rings;  ///< of all parts
  std::vector<Vertex> points;
};

}  // namespace cubeloom
