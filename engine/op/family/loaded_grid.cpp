// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/loaded_grid.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "engine/base/text.h"
#include "engine/geo/output_geobox.h"
#include "engine/geo/whole_turn.h"
#include "engine/op/family/grid_params.h"

namespace cubeloom {
namespace {

constexpr double kGridSlack = 1e-3;  // of a pixel, by which grids may miss each other

bool isInDegrees(const Crs& crs) { return crs.isValid() && crs.isGeographic(); }

/// `bounds`, whole turns away, as near to `other` as can be.
Bounds turnedTo(const Bounds& bounds, const Bounds& other) {
  const double shift = kTurn * std::round(((other.xmin + other.xmax) - (bounds.xmin + bounds.xmax)) / 2 / kTurn);
  return {bounds.xmin + shift, bounds.ymin, bounds.xmax + shift, bounds.ymax};
}

/// The pixels of a grid, which goes on without end, that `bounds` touches.
Window touchedBy(const GeoBox& grid, const Bounds& bounds) {
  const Affine pixels = grid.affine().inverse();
  double top = INFINITY, left = INFINITY, bottom = -INFINITY, right = -INFINITY;
  for (const double x : {bounds.xmin, bounds.xmax})
    for (const double y : {bounds.ymin, bounds.ymax}) {
      const double col = pixels.x(x, y), row = pixels.y(x, y);
      top = std::min(top, row), bottom = std::max(bottom, row);
      left = std::min(left, col), right = std::max(right, col);
    }
  const auto down = [](double at) { return static_cast<std::int64_t>(std::floor(at + kGridSlack)); };
  const auto up = [](double at) { return static_cast<std::int64_t>(std::ceil(at - kGridSlack)); };
  return {down(top), down(left), up(bottom) - down(top), up(right) - down(left)};
}

/// The rectangle of the polygons of a file.
Result<AskedPlace> placeOfPolygons(const Params& params, const BindContext& context, std::vector<std::string>& files) {
  if (!context.features) return fail(ErrorCode::Internal, "nobody reads geometries here");
  const auto file = params.features("polygons");
  if (!file) return invalidParameter("polygons", "no file is named", "name one: polygons=fields.gpkg");
  std::filesystem::path path(file->path);
  if (path.is_relative() && !context.folder.empty()) path = std::filesystem::path(context.folder) / path;
  auto features = context.features->read({path.string(), file->layer, file->where, file->id});
  if (!features) {
    features.error().parameter = "polygons";
    return fail(std::move(features.error()));
  }
  Bounds all{INFINITY, INFINITY, -INFINITY, -INFINITY};
  for (const Feature& feature : (*features)->features)
    for (const GeometryRing& ring : feature.geometry.rings)
      for (const Vertex& v : ring.vertices) all = all.united({v.x, v.y, v.x, v.y});
  if (all.isEmpty()) return invalidParameter("polygons", "there are no polygons in it", "name a file of polygons");
  files.insert(files.end(), (*features)->files.begin(), (*features)->files.end());
  return AskedPlace{all, (*features)->crs, "polygons"};
}

double pixelSize(const GeoBox& box) { return std::min(box.pixelWidth(), box.pixelHeight()); }

}  // namespace

Result<std::optional<AskedPlace>> askedPlace(const Params& params, const BindContext& context, std::vector<std::string>& files) {
  std::vector<std::string> given;
  for (const char* name : {"bounds", "bbox", "polygons", "like"})
    if (params.has(name)) given.emplace_back(name);
  if (given.size() > 1) return invalidParameter(given[1], "both " + given[0] + " and " + given[1] + " are given", "give one of them");
  if (given.empty() || given[0] == "like") return std::nullopt;
  if (given[0] == "polygons") {
    auto place = placeOfPolygons(params, context, files);
    if (!place) return fail(std::move(place.error()));
    return *place;
  }
  const auto b = params.numbers(given[0]);
  AskedPlace place{{b[0], b[1], b[2], b[3]}, {}, given[0]};
  if (given[0] == "bbox") {
    auto degrees = Crs::fromUser("OGC:CRS84");
    if (!degrees) return fail(degrees.error());
    place.crs = *degrees;
  }
  return place;
}

Result<Bounds> movedBounds(const Bounds& bounds, const Crs& from, const Crs& to) {
  if (!from.isValid() || from.isSameAs(to)) return bounds;
  constexpr std::int64_t kPixels = 100;
  const GeoBox frame(kPixels, kPixels, Affine{bounds.width() / kPixels, 0, bounds.xmin, 0, -bounds.height() / kPixels, bounds.ymax}, from);
  return Outlines(to).of(frame);
}

Result<Crs> commonCrs(const std::vector<GeoBox>& grids) {
  std::map<std::string, std::size_t> counts;
  bool isOne = true;
  for (const GeoBox& grid : grids) {
    isOne = isOne && (grid.crs().isSameAs(grids[0].crs()) || (!grid.crs().isValid() && !grids[0].crs().isValid()));
    ++counts[grid.crs().isValid() ? grid.crs().label() : "an unknown CRS"];
  }
  if (isOne) return grids[0].crs();
  std::vector<std::string> list;
  std::string most;
  for (const auto& [name, count] : counts) {
    list.push_back(std::to_string(count) + " in " + name);
    if (most.empty() || count > counts[most]) most = name;
  }
  return invalidParameter("crs", "the items lie in several coordinate systems: of their grids " + join(list, ", "),
                          "say which the cube has, for instance crs=" + most);
}

Result<Bounds> Outlines::of(const GeoBox& box) {
  if (!box.crs().isValid() || !m_crs.isValid()) return box.bounds();
  auto known = std::find_if(m_transformers.begin(), m_transformers.end(), [&](const auto& one) { return one.first.isSameAs(box.crs()); });
  if (known == m_transformers.end()) {
    auto made = Transformer::between(box.crs(), m_crs);
    if (!made) return fail(std::move(made.error()));
    m_transformers.emplace_back(box.crs(), std::move(*made));
    known = std::prev(m_transformers.end());
  }
  const auto bounds = box.boundsBy(known->second, isInDegrees(m_crs));
  if (bounds) return *bounds;
  return fail(ErrorCode::CrsUnavailable, "no point of a grid can be transformed from " + box.crs().label() + " to " + m_crs.label(),
              "choose a CRS whose area of use covers the data");
}

Result<Crs> cubeCrs(const std::vector<GeoBox>& grids, const Params& params, const BindContext& context) {
  auto like = gridLike(params, context);
  if (!like) return fail(like.error());
  if (*like) return (*like)->crs();
  return params.has("crs") ? params.crs("crs") : commonCrs(grids);
}

Result<GeoBox> cubeGrid(const std::vector<GeoBox>& grids, const std::vector<Bounds>& outlines, const Crs& crs,
                        const std::optional<AskedPlace>& place, const Params& params, const BindContext& context) {
  auto like = gridLike(params, context);
  if (!like) return fail(like.error());
  if (*like) return **like;
  Bounds extent = outlines.front();
  if (place) {
    auto moved = movedBounds(place->bounds, place->crs, crs);
    if (!moved) return fail(moved.error());
    extent = *moved;
  }
  const auto isOwnOf = [&crs](const GeoBox& grid) { return !crs.isValid() || grid.crs().isSameAs(crs); };
  const GeoBox* reference = &grids.front();
  for (std::size_t i = 0; i < grids.size(); ++i) {
    const bool isOwn = isOwnOf(grids[i]), wasOwn = isOwnOf(*reference);
    if (isOwn != wasOwn ? isOwn : pixelSize(grids[i]) < pixelSize(*reference)) reference = &grids[i];
    if (!place) extent = extent.united(isInDegrees(crs) ? turnedTo(outlines[i], extent) : outlines[i]);
  }
  auto request = gridRequestOf(params, crs);
  if (!request) return fail(request.error());
  const bool goesOn = isOwnOf(*reference) && request->mode == ResolutionMode::Auto && request->anchor == Anchor::Default &&
                      !request->shapeRows && !request->shapeLongest && !request->tight;
  if (goesOn) return reference->crop(touchedBy(*reference, extent));
  request->bounds = extent;
  return outputGeobox(*reference, *request);
}

Result<LoadedGrid> loadedGrid(const GeoBox& box, const Bounds& bounds, const GeoBox& cube) {
  const bool isRound = isInDegrees(cube.crs());
  const Bounds near = isRound ? turnedTo(bounds, cube.bounds()) : bounds;
  LoadedGrid grid{box, {}, 1};
  const Window whole = touchedBy(cube, near);
  grid.density = static_cast<double>(box.rows()) * static_cast<double>(box.cols()) /
                 std::max(1.0, static_cast<double>(whole.rows) * static_cast<double>(whole.cols));
  // A pixel more on each side: what lies there is up to the warp.
  const std::int64_t top = std::max<std::int64_t>(whole.row - 1, 0), bottom = std::min(whole.row + whole.rows + 1, cube.rows());
  const std::int64_t left = std::max<std::int64_t>(whole.col - 1, 0), right = std::min(whole.col + whole.cols + 1, cube.cols());
  const bool isUnder =
      touchedBy(cube, near).row < cube.rows() && whole.row + whole.rows > 0 && whole.col < cube.cols() && whole.col + whole.cols > 0;
  if (!isUnder) return grid;
  if (near.xmin != bounds.xmin && box.crs().isGeographic())
    return fail(ErrorCode::GridMismatch, "longitudes of the cube and of an item lie a whole turn apart",
                "give bounds in the items' longitudes, or a crs in metres");
  grid.window = {top, left, bottom - top, right - left};
  return grid;
}

}  // namespace cubeloom
