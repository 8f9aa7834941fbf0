// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/geo/crs_circle.h"

#include <geodesic.h>
#include <proj.h>

#include <cmath>
#include <numbers>

#include "engine/geo/crs_proj.h"

namespace cubeloom {
namespace {

constexpr int kCorners = 64;

struct Ellipsoid {
  double radius = 0, flattening = 0;  ///< equatorial, in metres
};

std::optional<Ellipsoid> ellipsoidOf(const Crs& crs) {
  pj_ctx* context = threadProjContext();
  const ProjObject system(proj_create(context, crs.wkt().c_str()));
  const ProjObject body(system ? proj_get_ellipsoid(context, system.get()) : nullptr);
  double major = 0, minor = 0, inverse = 0;
  if (!body || proj_ellipsoid_get_parameters(context, body.get(), &major, &minor, nullptr, &inverse) == 0) return std::nullopt;
  return Ellipsoid{major, inverse > 0 ? 1 / inverse : 0};
}

/// Longitudes go on where they pass the antimeridian. In degrees.
std::optional<std::vector<Vertex>> geodesicCorners(const Ellipsoid& body, const Vertex& centre, double metres) {
  geod_geodesic geodesic;
  geod_init(&geodesic, body.radius, body.flattening);
  double toPole = 0;
  geod_inverse(&geodesic, centre.y, centre.x, centre.y < 0 ? -90 : 90, centre.x, &toPole, nullptr, nullptr);
  if (!std::isfinite(toPole) || toPole <= metres) return std::nullopt;
  std::vector<Vertex> corners;
  corners.reserve(kCorners);
  for (int i = 0; i < kCorners; ++i) {
    Vertex corner;
    geod_direct(&geodesic, centre.y, centre.x, 90 - 360.0 * i / kCorners, metres, &corner.y, &corner.x, nullptr);
    corner.x = centre.x + std::remainder(corner.x - centre.x, 360);
    corners.push_back(corner);
  }
  return corners;
}

}  // namespace

std::optional<Geometry> circleAround(const Crs& crs, const Vertex& centre, double metres) {
  if (!std::isfinite(centre.x) || !std::isfinite(centre.y)) return std::nullopt;
  std::vector<Vertex> corners;
  if (crs.isValid() && crs.isGeographic()) {
    const auto body = ellipsoidOf(crs);
    if (!body || std::abs(centre.y) > 90) return std::nullopt;
    auto around = geodesicCorners(*body, centre, metres);
    if (!around) return std::nullopt;
    corners = std::move(*around);
  } else {
    const double radius = metres / (crs.isValid() && crs.unitInMetres() > 0 ? crs.unitInMetres() : 1);
    corners.reserve(kCorners);
    for (int i = 0; i < kCorners; ++i) {
      const double angle = 2 * std::numbers::pi * i / kCorners;
      corners.push_back({centre.x + radius * std::cos(angle), centre.y + radius * std::sin(angle)});
    }
  }
  return Geometry{{{std::move(corners), false}}, {}};
}

}  // namespace cubeloom
