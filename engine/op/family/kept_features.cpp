// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/kept_features.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

std::optional<Json> remembered(const ArraySpec& spec) {
  const auto found = spec.attributes.find(kFeaturesKey);
  if (found == spec.attributes.end()) return std::nullopt;
  Json facts = Json::parse(found->second, nullptr, false);
  return facts.is_object() ? std::optional(std::move(facts)) : std::nullopt;
}

/// To nanodegrees, a tenth of a millimetre.
double rounded(double degrees) { return std::round(degrees * 1e9) / 1e9; }

Json position(const Vertex& vertex) { return Json::array({rounded(vertex.x), rounded(vertex.y)}); }

/// Closed, and counter-clockwise, or clockwise of a hole (RFC 7946).
Json ringJson(std::vector<Vertex> ring, bool isHole) {
  if (ring.size() > 1 && ring.front() == ring.back()) ring.pop_back();
  double area = 0;
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const Vertex &a = ring[i], &b = ring[(i + 1) % ring.size()];
    area += a.x * b.y - b.x * a.y;
  }
  if ((area > 0) == isHole) std::reverse(ring.begin(), ring.end());
  if (!ring.empty()) ring.push_back(ring.front());
  Json json = Json::array();
  for (const Vertex& vertex : ring) json.push_back(position(vertex));
  return json;
}

/// In longitude and latitude; nothing where a vertex has none.
std::optional<std::vector<Vertex>> inDegrees(std::vector<Vertex> vertices, const Transformer& transformer) {
  for (Vertex& vertex : vertices) {
    transformer.forward(&vertex.x, &vertex.y, 1);
    if (!std::isfinite(vertex.x) || !std::isfinite(vertex.y)) return std::nullopt;
  }
  return vertices;
}

/// "null" where it has no place in degrees.
std::string polygonText(const Geometry& geometry, const Transformer& transformer) {
  Json parts = Json::array();
  for (const GeometryRing& ring : geometry.rings) {
    const auto vertices = inDegrees(ring.vertices, transformer);
    if (!vertices) return "null";
    if (!ring.isHole || parts.empty()) parts.push_back(Json::array());
    parts.back().push_back(ringJson(*vertices, ring.isHole));
  }
  const bool isOne = parts.size() == 1;
  return Json{{"type", isOne ? "Polygon" : "MultiPolygon"}, {"coordinates", isOne ? parts[0] : parts}}.dump();
}

std::string pointText(const Vertex& point, const Transformer& transformer) {
  const auto place = inDegrees({point}, transformer);
  return place ? Json{{"type", "Point"}, {"coordinates", position(place->front())}}.dump() : "null";
}

/// Ids and geometries of the entries, as zonal_stats and sample_points count them.
struct Listed {
  std::vector<std::string> ids, texts;
};
Listed listed(const Features& features, bool isOfPoints, const Transformer& transformer) {
  Listed all;
  for (const Feature& feature : features.features) {
    if (!isOfPoints && !feature.geometry.rings.empty()) {
      all.ids.push_back(feature.id);
      all.texts.push_back(polygonText(feature.geometry, transformer));
    }
    for (const Vertex& point : isOfPoints ? feature.geometry.points : std::vector<Vertex>()) {
      all.ids.push_back(feature.id);
      all.texts.push_back(pointText(point, transformer));
    }
  }
  return all;
}

std::string idText(const Dim& dim, std::int64_t i) {
  const auto at = static_cast<std::size_t>(i);
  return dim.coordinate.labels.empty() ? formatNumber(dim.coordinate.at(i)) : dim.coordinate.labels[at];
}

}  // namespace

std::string originOf(const Params& params, const std::string& name, const BindContext& context, const std::string& dim, bool isOfPoints) {
  const FeaturesFile file = params.features(name).value_or(FeaturesFile());
  std::filesystem::path path(file.path);
  if (path.is_relative() && !context.folder.empty()) path = std::filesystem::path(context.folder) / path;
  return Json{{"path", path.string()}, {"layer", file.layer}, {"where", file.where}, {"id", file.id}, {"dim", dim}, {"points", isOfPoints}}
      .dump();
}

std::optional<EntryGeometries> geometriesAlong(const ArraySpec& spec, const BindContext& context) {
  const auto facts = remembered(spec);
  if (!facts || !context.features) return std::nullopt;
  EntryGeometries found{spec.indexOf(facts->value("dim", "")), {}};
  if (found.dim < 0) return std::nullopt;
  const auto features =
      context.features->read({facts->value("path", ""), facts->value("layer", ""), facts->value("where", ""), facts->value("id", "")});
  if (!features || !(*features)->crs.isValid()) return std::nullopt;
  const auto degrees = Crs::fromUser("EPSG:4326");
  if (!degrees) return std::nullopt;
  const auto transformer = Transformer::between((*features)->crs, *degrees);
  if (!transformer) return std::nullopt;
  const Listed all = listed(**features, facts->value("points", false), *transformer);
  const Dim& dim = spec.dims[static_cast<std::size_t>(found.dim)];
  auto texts = std::make_shared<std::vector<std::string>>();
  std::map<std::string, std::vector<std::size_t>> places;
  for (std::size_t i = 0; i < all.ids.size(); ++i) places[all.ids[i]].push_back(i);
  const bool isOfAll = static_cast<std::size_t>(dim.size) == all.ids.size();
  for (std::int64_t i = 0; i < dim.size; ++i) {
    const auto place = places.find(idText(dim, i));
    const bool isKnown = place != places.end() && place->second.size() == 1;
    if (!isKnown && !isOfAll) return std::nullopt;
    texts->push_back(all.texts[isKnown ? place->second[0] : static_cast<std::size_t>(i)]);
  }
  found.texts = std::move(texts);
  return found;
}

}  // namespace cubeloom
