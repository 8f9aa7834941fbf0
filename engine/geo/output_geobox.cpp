// SPDX-License-Identifier: GPL-3.0-or-later
// odc-geo's rules for the grid of a reprojection: buffered footprint, fitted resolution, snapped edges.
#include "engine/geo/output_geobox.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "engine/base/text.h"
#include "engine/geo/whole_turn.h"

namespace cubeloom {
namespace {

constexpr double kSnapTolerance = 0.01;   // of an output pixel that may be lost (from_bbox, tol)
constexpr double kFootprintBuffer = 0.9;  // of a source pixel (compute_output_geobox)
constexpr double kFootprintPoints = 100;  // along the longer side
constexpr int kFilletSegments = 30;       // per quarter circle (Geometry.buffer)
constexpr double kTurn = 360;
constexpr double kCutWidth = 1e-6;  // degrees between the two sides of a cut, well below any pixel
constexpr double kLargestGrid = 4503599627370496.0;

struct Point {
  double x = 0, y = 0;
};
struct Resolution {
  double x = 0, y = 0;
};

/// Lengths along the grid's axes with their signs; the y one carries the sign of the determinant when rotated (decompose_rws).
Resolution signedResolution(const Affine& affine) {
  if (affine.isAxisAligned()) return {affine.a, affine.e};
  const double rx = std::hypot(affine.a, affine.d);
  return {rx, affine.determinant() / rx};
}

std::vector<Point> cornersClockwise(const GeoBox& box) {
  const auto rows = static_cast<double>(box.rows());
  const auto cols = static_cast<double>(box.cols());
  const Affine& t = box.affine();
  std::vector<Point> ring{
      {t.x(0, 0), t.y(0, 0)}, {t.x(cols, 0), t.y(cols, 0)}, {t.x(cols, rows), t.y(cols, rows)}, {t.x(0, rows), t.y(0, rows)}};
  if (t.determinant() > 0) std::reverse(ring.begin(), ring.end());
  return ring;
}

/// GEOS's buffer of a convex clockwise ring: sides moved outwards, corners rounded by arcs of 3 degrees a step. A negative distance moves
/// the sides of a rectangle inwards and leaves the corners sharp.
std::vector<Point> buffered(const std::vector<Point>& ring, double distance) {
  std::vector<Point> out;
  const std::size_t n = ring.size();
  if (distance < 0) {
    const auto [left, right] = std::minmax_element(ring.begin(), ring.end(), [](Point a, Point b) { return a.x < b.x; });
    const auto [bottom, top] = std::minmax_element(ring.begin(), ring.end(), [](Point a, Point b) { return a.y < b.y; });
    const double x0 = left->x - distance, x1 = right->x + distance, y0 = bottom->y - distance, y1 = top->y + distance;
    if (x1 > x0 && y1 > y0) out = {{x0, y1}, {x1, y1}, {x1, y0}, {x0, y0}};
    return out;
  }
  const auto outward = [&ring, n](std::size_t side) {
    const Point p = ring[side % n], q = ring[(side + 1) % n];
    return std::atan2(q.y - p.y, q.x - p.x) + std::numbers::pi / 2;  // clockwise: outside is to the left
  };
  for (std::size_t i = 0; i < n; ++i) {
    const Point corner = ring[i];
    const double from = outward(i + n - 1);
    double turn = from - outward(i);
    while (turn < 0) turn += 2 * std::numbers::pi;
    while (turn >= 2 * std::numbers::pi) turn -= 2 * std::numbers::pi;
    const int steps = std::max(1, static_cast<int>(turn / (std::numbers::pi / 2 / kFilletSegments) + 0.5));
    for (int k = 0; k <= steps; ++k) {
      const double angle = from - turn * k / steps;
      out.push_back({corner.x + distance * std::cos(angle), corner.y + distance * std::sin(angle)});
    }
  }
  return out;
}

/// odc.geo.geom.densify, closing the ring; its shortcut compares the x of both ends with the step, as theirs does.
std::vector<Point> densified(const std::vector<Point>& ring, double step) {
  std::vector<Point> out;
  if (ring.empty()) return out;
  out.push_back(ring.front());
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Point p = ring[i], q = ring[(i + 1) % ring.size()];
    if (!(p.x * p.x + q.x * q.x < step * step)) {
      const double length = std::hypot(q.x - p.x, q.y - p.y);
      for (double d = step; d < length; d += step) out.push_back({p.x + (q.x - p.x) * (d / length), p.y + (q.y - p.y) * (d / length)});
    }
    out.push_back(q);
  }
  return out;
}

/// Bounds of the finite points; false when there is none.
bool boundsOf(const std::vector<Point>& points, Bounds& bounds) {
  bool any = false;
  for (const Point& p : points) {
    if (!std::isfinite(p.x) || !std::isfinite(p.y)) continue;
    bounds = any ? bounds.united({p.x, p.y, p.x, p.y}) : Bounds{p.x, p.y, p.x, p.y};
    any = true;
  }
  return any;
}

std::vector<Point> transformed(const std::optional<Transformer>& transformer, const std::vector<Point>& points) {
  if (!transformer) return points;
  std::vector<double> x, y;
  for (const Point& p : points) {
    x.push_back(p.x);
    y.push_back(p.y);
  }
  transformer->forward(x.data(), y.data(), x.size());
  std::vector<Point> out(points.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {x[i], y[i]};
  return out;
}

bool isInDegrees(const Crs& crs) { return crs.isGeographic() && crs.unitName() == "degree"; }

/// A source of longitudes as a map sees it: where the map cuts the Earth open, the source lies on both its ends.
struct Sighting {
  GeoBox grid;                ///< the source; one that goes round begins at the cut, so that its convention of longitudes does not matter
  bool goesRound = false;     ///< once round: what lies beyond an end is the other end
  std::optional<double> cut;  ///< the meridian, if it runs through the source
};

Sighting sightingOf(const GeoBox& source, const std::optional<Transformer>& toTarget) {
  Sighting seen{source, columnsRound(source).has_value(), {}};
  if (toTarget && hasLongitudes(source)) {
    const Bounds extent = source.bounds();
    const auto cut = cutMeridian(*toTarget, std::clamp(0.0, extent.ymin, extent.ymax));
    if (cut && (seen.goesRound || isCutBy(source, *cut))) seen.cut = cut;
  }
  if (seen.goesRound) seen.grid = onceRound(source, toTarget ? seen.cut.value_or(-180) : source.bounds().xmin);
  return seen;
}

/// Both sides of the cut at the latitudes of `ring`, and where the Earth is widest.
std::vector<Point> sidesOfCut(const std::vector<Point>& ring, double cut) {
  std::vector<Point> sides;
  const auto [south, north] = std::minmax_element(ring.begin(), ring.end(), [](Point a, Point b) { return a.y < b.y; });
  const auto add = [&sides, cut](double latitude) {
    sides.insert(sides.end(), {{cut - kCutWidth / 5, latitude}, {cut + kCutWidth / 5, latitude}});
  };
  for (const Point& p : ring) add(p.y);
  add(std::clamp(0.0, south->y, north->y));
  return sides;
}

/// `isExact`: of the pixels themselves, without odc-geo's buffer around them.
Result<Bounds> footprint(const Sighting& seen, const Crs& crs, const std::optional<Transformer>& toTarget, bool isExact) {
  const GeoBox& source = seen.grid;
  const std::vector<Point> corners = cornersClockwise(source);
  const Resolution resolution = signedResolution(source.affine());
  std::vector<Point> ring = isExact ? corners : buffered(corners, kFootprintBuffer * std::max(resolution.x, resolution.y));
  if (ring.empty()) ring = corners;
  if (toTarget) {
    const Bounds extent = source.bounds();
    ring = densified(ring, std::max(extent.width(), extent.height()) / kFootprintPoints);
    if (seen.cut) {
      const std::vector<Point> sides = sidesOfCut(ring, *seen.cut);
      ring.insert(ring.end(), sides.begin(), sides.end());
    }
    ring = transformed(toTarget, ring);
  }
  Bounds bounds;
  if (!boundsOf(ring, bounds))
    return fail(ErrorCode::CrsUnavailable, "no point of the source's outline can be transformed to " + crs.label(),
                "Choose a CRS whose area of use covers the data, or give bounds, resolution and shape.");
  if (seen.goesRound && isInDegrees(crs)) {
    bounds.xmin = seen.cut ? std::round(bounds.xmin / kCutWidth) * kCutWidth : source.bounds().xmin;
    bounds.xmax = bounds.xmin + kTurn;
  }
  return bounds;
}

/// maybe_int: numbers closer than `tolerance` to a whole one become it.
double snappedToInteger(double value, double tolerance) {
  if (!std::isfinite(value)) return value;
  double part = std::fmod(value, 1.0);
  double whole = value - part;
  if (part > 0.5) {
    part -= 1;
    whole += 1;
  } else if (part < -0.5) {
    part += 1;
    whole -= 1;
  }
  return std::abs(part) < tolerance ? whole : value;
}

/// As many columns as go round the Earth, or as few more as the resolution allows.
double mostColumnsRound(double resolution) { return std::ceil(snappedToInteger(kTurn / std::abs(resolution), kSnapTolerance)); }

struct AxisGrid {
  double offset = 0;
  double count = 0;
};

AxisGrid snapGrid(double low, double high, double resolution, std::optional<double> anchor) {
  const double step = std::abs(resolution);
  if (!anchor) return {resolution > 0 ? low : high, std::max(1.0, std::ceil(snappedToInteger((high - low) / step, kSnapTolerance)))};
  const double shift = *anchor * step;
  const double first = std::floor(snappedToInteger((low - shift) / step, kSnapTolerance));
  const double last = std::ceil(snappedToInteger((high - shift) / step, kSnapTolerance));
  const double count = std::max(1.0, last - first);
  const double edge = first * step;
  return {(resolution > 0 ? edge : edge + count * step) + shift, count};
}

Result<GeoBox> gridOf(const AxisGrid& x, const AxisGrid& y, Resolution resolution, const Crs& crs) {
  if (!(x.count * y.count <= kLargestGrid))
    return fail(ErrorCode::InvalidParameter,
                "the output grid would have " + formatSignificant(x.count, 4) + " x " + formatSignificant(y.count, 4) + " pixels",
                "Give a coarser resolution; it is in the units of " + crs.label() + ".");
  return GeoBox(static_cast<std::int64_t>(y.count), static_cast<std::int64_t>(x.count),
                {resolution.x, 0, x.offset, 0, resolution.y, y.offset}, crs);
}

Result<GeoBox> gridOfShape(const Bounds& extent, std::int64_t rows, std::int64_t cols, std::optional<double> snap, const Crs& crs) {
  if (rows < 1 || cols < 1)
    return fail(ErrorCode::InvalidParameter, "the shape " + std::to_string(rows) + ", " + std::to_string(cols) + " has no pixels",
                "Give at least one row and one column.");
  const Resolution resolution{extent.width() / static_cast<double>(cols), -extent.height() / static_cast<double>(rows)};
  AxisGrid x = snapGrid(extent.xmin, extent.xmax, resolution.x, snap);
  AxisGrid y = snapGrid(extent.ymin, extent.ymax, resolution.y, snap);
  x.count = static_cast<double>(cols);
  y.count = static_cast<double>(rows);
  return gridOf(x, y, resolution, crs);
}

/// The source's middle pixel, or its neighbour when a map would tear that one.
GeoBox centrePixel(const Sighting& seen) {
  const GeoBox& source = seen.grid;
  const auto pixel = [&source](std::int64_t col) { return source.crop({source.rows() / 2, col, 1, 1}); };
  const std::int64_t middle = source.cols() / 2;
  const GeoBox centre = pixel(middle);
  return seen.cut && middle > 0 && isCutBy(centre, *seen.cut) ? pixel(middle - 1) : centre;
}

/// The output pixel that matches the source's centre pixel: square, the mean of what x and y ask for.
Result<Resolution> fittedResolution(const Sighting& seen, const Crs& crs, const std::optional<Transformer>& toTarget) {
  const GeoBox& source = seen.grid;
  const GeoBox centre = centrePixel(seen);
  Bounds box;
  const auto failure = [&] {
    return fail(ErrorCode::CrsUnavailable, "the source's centre cannot be transformed to " + crs.label() + ": no resolution can be fitted",
                "Give a resolution.");
  };
  if (!boundsOf(transformed(toTarget, cornersClockwise(centre)), box) || box.isEmpty()) return failure();
  const Affine pixel{box.width(), 0, box.xmin, 0, -box.height(), box.ymax};

  std::optional<Transformer> back;
  if (toTarget) {
    auto made = Transformer::between(crs, source.crs());
    if (!made) return fail(std::move(made.error()));
    back.emplace(std::move(*made));
  }
  std::vector<Point> around;
  for (const Point p : {Point{-0.5, 0.5}, Point{0.5, -0.5}, Point{1.5, 0.5}, Point{0.5, 1.5}}) {
    Point world{pixel.x(p.x, p.y), pixel.y(p.x, p.y)};
    if (crs.isGeographic() && back) world = {std::clamp(world.x, -180.0, 180.0), std::clamp(world.y, -90.0, 90.0)};
    around.push_back(world);
  }
  around = transformed(back, around);
  if (seen.cut)
    for (Point& p : around) p.x -= kTurn * std::round((p.x - centre.affine().c) / kTurn);
  const Affine toCentre = centre.affine().inverse();
  for (Point& p : around) p = {toCentre.x(p.x, p.y), toCentre.y(p.x, p.y)};
  // The least-squares plane through a centre and its four neighbours has the central differences as slopes.
  const Affine local{(around[2].x - around[0].x) / 2, (around[3].x - around[1].x) / 2, 0,
                     (around[2].y - around[0].y) / 2, (around[3].y - around[1].y) / 2, 0};
  const double sx = std::hypot(local.a, local.d);
  const double sy = std::abs(local.determinant()) / sx;
  const double size = (std::abs(pixel.a / sx) + std::abs(pixel.e / sy)) / 2;
  if (!std::isfinite(size) || !(size > 0)) return failure();
  return Resolution{size, -size};
}

bool haveSameUnits(const Crs& a, const Crs& b) {
  return a.isGeographic() == b.isGeographic() && (a.isGeographic() || a.unitName() == b.unitName());
}

}  // namespace

Result<GeoBox> outputGeobox(const GeoBox& source, const GridRequest& request) {
  const Crs& crs = request.crs.isValid() ? request.crs : source.crs();
  if (request.mode == ResolutionMode::Given &&
      !(request.resolutionX > 0 && request.resolutionY > 0 && std::isfinite(request.resolutionX) && std::isfinite(request.resolutionY)))
    return fail(ErrorCode::InvalidParameter,
                "the resolution " + formatNumber(request.resolutionX) + ", " + formatNumber(request.resolutionY) + " is not positive",
                "Give the size of a pixel in the units of the output's CRS.");
  if (source.rows() < 1 || source.cols() < 1 || source.affine().determinant() == 0)
    return fail(ErrorCode::InvalidParameter, "the source has no pixel grid", "Assign a grid first.");
  if (request.bounds && request.bounds->isEmpty())
    return fail(ErrorCode::InvalidParameter, "the bounds are empty: xmax must exceed xmin and ymax ymin");

  // Without any CRS the grid can still be resampled onto another one.
  const bool isSame = !source.crs().isValid() || crs.isSameAs(source.crs());
  const bool keepsResolution = request.mode == ResolutionMode::Auto || request.mode == ResolutionMode::Same;
  const bool hasShape = (request.shapeRows && request.shapeCols) || request.shapeLongest;
  if (isSame && keepsResolution && !hasShape && !request.bounds && request.anchor == Anchor::Default) return source;

  std::optional<Transformer> toTarget;  // empty: the same system
  if (!isSame) {
    auto made = Transformer::between(source.crs(), crs);
    if (!made) return fail(std::move(made.error()));
    toTarget.emplace(std::move(*made));
  }
  const Sighting seen = sightingOf(source, toTarget);
  Bounds extent;
  if (request.bounds) {
    extent = *request.bounds;
  } else {
    auto outline = footprint(seen, crs, toTarget, request.tight && hasShape);
    if (!outline) return fail(std::move(outline.error()));
    extent = *outline;
  }

  const Anchor anchor = request.tight ? Anchor::Floating : request.anchor;
  std::optional<double> snap;
  if (anchor == Anchor::Default || anchor == Anchor::Edge) snap = 0.0;
  if (anchor == Anchor::Center) snap = 0.5;

  if (request.shapeRows && request.shapeCols) return gridOfShape(extent, *request.shapeRows, *request.shapeCols, snap, crs);
  Result<Resolution> resolution = signedResolution(source.affine());
  if (request.shapeLongest) {
    if (*request.shapeLongest < 1) return fail(ErrorCode::InvalidParameter, "the shape must be at least one pixel");
    const double size = std::max(extent.width(), extent.height()) / static_cast<double>(*request.shapeLongest);
    resolution = Resolution{size, -size};
  } else if (request.mode == ResolutionMode::Given) {
    resolution = Resolution{request.resolutionX, -request.resolutionY};
  } else if (request.mode == ResolutionMode::Fit ||
             (request.mode == ResolutionMode::Auto && !isSame && !haveSameUnits(source.crs(), crs))) {
    resolution = fittedResolution(seen, crs, toTarget);
  }
  if (!resolution) return fail(std::move(resolution.error()));
  AxisGrid x = snapGrid(extent.xmin, extent.xmax, resolution->x, snap);
  if (seen.goesRound && !request.bounds && isInDegrees(crs)) x.count = std::min(x.count, mostColumnsRound(resolution->x));
  return gridOf(x, snapGrid(extent.ymin, extent.ymax, resolution->y, snap), *resolution, crs);
}

}  // namespace cubeloom
