// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/placed_features.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "engine/base/text.h"
#include "engine/geo/crs_circle.h"
#include "engine/geo/geometry_on_grid.h"
#include "engine/op/family/kept_features.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

template <class T>
Result<T> about(const std::string& name, Result<T> result) {
  if (!result) result.error().parameter = name;
  return result;
}

/// The layer, and who brings it onto the grid.
struct Opened {
  std::shared_ptr<const Features> features;
  GeometryPlacer placer;
};

Result<Opened> openedFeatures(const ArraySpec& array, const Params& params, const std::string& name, const BindContext& context,
                              std::vector<std::string>& warnings) {
  if (!array.geobox) return fail(ErrorCode::GridMismatch, "the input has no grid on the ground", "its dims are " + dimList(array));
  if (!context.features) return fail(ErrorCode::Internal, "nobody reads geometries here");
  const auto file = params.features(name);
  if (!file) return invalidParameter(name, "no file is named", "name one: " + name + "=fields.gpkg");
  std::filesystem::path path(file->path);
  if (path.is_relative() && !context.folder.empty()) path = std::filesystem::path(context.folder) / path;
  auto features = about(name, context.features->read({path.string(), file->layer, file->where, file->id}));
  if (!features) return fail(std::move(features.error()));
  const std::string shown = path.filename().string();
  for (const std::string& warning : (*features)->warnings) warnings.push_back(shown + ": " + warning);
  const Crs &theirs = (*features)->crs, &ours = array.geobox->crs();
  if (theirs.isValid() && !ours.isValid())
    return fail(Error{ErrorCode::GridMismatch,
                      "the array's CRS is unknown, that of " + shown + " is " + theirs.label(),
                      "add assign_crs before",
                      {},
                      name,
                      {},
                      {}});
  if (!theirs.isValid() && ours.isValid())
    warnings.push_back(shown + " does not say its CRS: it is taken to be the array's, " + ours.label());
  auto placer = about(name, GeometryPlacer::onto(*array.geobox, theirs));
  if (!placer) return fail(std::move(placer.error()));
  return Opened{std::move(*features), std::move(*placer)};
}

void warnOfCount(std::size_t count, const char* what, const std::string& which, std::vector<std::string>& warnings) {
  if (count > 0) warnings.push_back(countOf(count, what) + " " + which);
}

void warnOfRepeats(const std::vector<std::string>& ids, std::vector<std::string>& warnings) {
  std::set<std::string> seen;
  for (const std::string& id : ids)
    if (!seen.insert(id).second) {
      warnings.push_back("'" + id + "' names more than one feature: each has an entry of its own");
      return;
    }
}

/// The number that an id is; unset where it is none, or one that a coordinate would not show as it is.
std::optional<double> wholeNumber(const std::string& id) {
  const auto number = parseNumber(id);
  if (!number || *number != std::floor(*number) || std::abs(*number) > 1e15) return std::nullopt;
  return formatNumber(*number) == id ? number : std::nullopt;
}

}  // namespace

std::string countOf(std::size_t count, const char* what) {
  return formatCount(static_cast<std::int64_t>(count)) + " " + what + (count == 1 ? "" : "s");
}

Result<PlacedPolygons> polygonsOn(const ArraySpec& array, const Params& params, const std::string& name, const BindContext& context,
                                  bool isTurned) {
  PlacedPolygons placed;
  auto opened = openedFeatures(array, params, name, context, placed.warnings);
  if (!opened) return fail(std::move(opened.error()));
  std::size_t others = 0, lost = 0;
  for (const Feature& feature : opened->features->features) {
    if (feature.geometry.rings.empty()) {
      ++others;
      continue;
    }
    const auto shape = opened->placer.place(feature.geometry);
    if (!shape) ++lost;
    placed.ids.push_back(feature.id);
    placed.shapes.push_back(shape ? PixelPolygon(*shape, isTurned) : PixelPolygon());
  }
  placed.files = opened->features->files;
  placed.origin = originOf(params, name, context, "zone", false);
  warnOfCount(others, "feature", "without polygons: left out", placed.warnings);
  warnOfCount(lost, "polygon", "cannot be brought into the array's CRS: no pixel belongs to them", placed.warnings);
  warnOfRepeats(placed.ids, placed.warnings);
  if (placed.shapes.empty()) return invalidParameter(name, "there are no polygons in it", "name a file of polygons");
  return placed;
}

Result<PlacedPoints> pointsOn(const ArraySpec& array, const Params& params, const std::string& name, const BindContext& context,
                              const std::string& dim) {
  PlacedPoints placed;
  auto opened = openedFeatures(array, params, name, context, placed.warnings);
  if (!opened) return fail(std::move(opened.error()));
  std::size_t others = 0;
  for (const Feature& feature : opened->features->features) {
    if (feature.geometry.points.empty()) ++others;
    for (const Vertex& point : feature.geometry.points) {
      placed.ids.push_back(feature.id);
      placed.places.push_back(opened->placer.place(point));
    }
  }
  placed.files = opened->features->files;
  placed.origin = originOf(params, name, context, dim, true);
  warnOfCount(others, "feature", "without points: left out", placed.warnings);
  warnOfRepeats(placed.ids, placed.warnings);
  if (placed.places.empty()) return invalidParameter(name, "there are no points in it", "name a file of points");
  return placed;
}

Param bufferParam(const std::string& help) {
  return {.name = "buffer", .type = ParamType::Number, .help = help, .unit = "m", .minimum = 1e-6, .maximum = 5e6};
}

PlacedPolygons disksAround(const ArraySpec& array, const PlacedPoints& points, double metres, bool isTurned) {
  PlacedPolygons disks;
  static_cast<PlacedFeatures&>(disks) = points;
  const GeoBox& grid = *array.geobox;
  const auto placer = GeometryPlacer::onto(grid, Crs());
  std::size_t lost = 0;
  for (const Vertex& place : points.places) {
    const auto circle = circleAround(grid.crs(), {grid.affine().x(place.x, place.y), grid.affine().y(place.x, place.y)}, metres);
    const auto shape = circle && placer ? placer->place(*circle) : std::nullopt;
    if (!shape) ++lost;
    disks.shapes.push_back(shape ? PixelPolygon(*shape, isTurned) : PixelPolygon());
  }
  warnOfCount(lost, "point", "so near to a pole, or so far from the grid, that nothing can be drawn around them: no pixel belongs to them",
              disks.warnings);
  return disks;
}

Dim dimOfIds(const std::string& name, const std::vector<std::string>& ids) {
  Dim dim{name, static_cast<std::int64_t>(ids.size()), {}};
  dim.coordinate.unit = "1";
  dim.coordinate.kind = Coordinate::Kind::Values;
  for (const std::string& id : ids) {
    const auto number = wholeNumber(id);
    if (!number) break;
    dim.coordinate.values.push_back(*number);
  }
  if (dim.coordinate.values.size() == ids.size()) return dim;
  dim.coordinate.kind = Coordinate::Kind::Regular;
  dim.coordinate.values.clear();
  dim.coordinate.start = 1;
  dim.coordinate.labels = ids;
  return dim;
}

}  // namespace cubeloom
