// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/cf/cf_grid_mapping.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

std::string textOf(const Json& attributes, const char* key) {
  const auto found = attributes.find(key);
  return found != attributes.end() && found->is_string() ? found->get<std::string>() : std::string();
}

AxisRole among(const std::string& word, std::initializer_list<const char*> xs, std::initializer_list<const char*> ys) {
  const auto is = [&word](const char* known) { return word == known; };
  if (std::any_of(xs.begin(), xs.end(), is)) return AxisRole::X;
  if (std::any_of(ys.begin(), ys.end(), is)) return AxisRole::Y;
  return AxisRole::None;
}

}  // namespace

AxisRole axisRoleOf(const Json& attributes) {
  const AxisRole byName = among(textOf(attributes, "standard_name"), {"projection_x_coordinate", "longitude", "grid_longitude"},
                                {"projection_y_coordinate", "latitude", "grid_latitude"});
  if (byName != AxisRole::None) return byName;
  const AxisRole byUnit =
      among(textOf(attributes, "units"), {"degrees_east", "degree_east", "degree_E", "degrees_E", "degreeE", "degreesE"},
            {"degrees_north", "degree_north", "degree_N", "degrees_N", "degreeN", "degreesN"});
  if (byUnit != AxisRole::None) return byUnit;
  return among(textOf(attributes, "axis"), {"X"}, {"Y"});
}

AxisRole axisRoleOf(const std::string& name) {
  return among(toLower(name), {"x", "lon", "longitude", "easting"}, {"y", "lat", "latitude", "northing"});
}

Crs gridMappingCrs(const Json& attributes, std::vector<std::string>& notes) {
  Attributes mapping;
  for (const auto& [key, value] : attributes.items()) {
    if (key == "_CRS") continue;
    Attribute& attribute = mapping[key];
    if (value.is_string()) attribute.text = value.get<std::string>();
    for (const Json& number : value.is_array() ? value : Json::array({value})) {
      if (!number.is_number()) continue;
      attribute.numbers.push_back(number.get<double>());
      attribute.text += (attribute.text.empty() ? "" : ", ") + formatNumber(attribute.numbers.back());
    }
  }
  const auto gdal = attributes.find("_CRS");
  if (gdal != attributes.end() && gdal->is_object()) {
    const auto projjson = gdal->find("projjson");
    for (const std::string& text : {textOf(*gdal, "wkt"), projjson != gdal->end() ? projjson->dump() : std::string()})
      if (!text.empty())
        if (auto crs = Crs::fromUser(text)) return *crs;
    notes.emplace_back("the array's _CRS is not understood");
  }
  const bool says = mapping.contains("crs_wkt") || mapping.contains("spatial_ref") || mapping.contains("grid_mapping_name");
  return says ? crsFromGridMapping(mapping, notes) : Crs();
}

std::optional<RegularAxis> regularAxis(const std::vector<double>& centres, bool single) {
  if (centres.size() < 2) return std::nullopt;
  const auto last = static_cast<double>(centres.size() - 1);
  RegularAxis axis{centres.front(), (centres.back() - centres.front()) / last};
  if (!std::isfinite(axis.step) || axis.step == 0) return std::nullopt;
  // Of coordinates kept in float32 only so many digits are known.
  const double largest = std::max(std::abs(centres.front()), std::abs(centres.back()));
  const double allowed = std::max(std::abs(axis.step) * 1e-3, single ? largest * 2.4e-7 : 0.0);
  for (std::size_t i = 0; i < centres.size(); ++i)
    if (!(std::abs(centres[i] - (axis.start + static_cast<double>(i) * axis.step)) <= allowed)) return std::nullopt;
  return axis;
}

std::optional<Affine> parseGeotransform(const Json& attributes) {
  std::string text = textOf(attributes, "GeoTransform");
  std::replace(text.begin(), text.end(), ',', ' ');
  std::array<double, 6> six{};
  std::size_t count = 0;
  for (const std::string& word : split(text, ' ')) {
    if (trim(word).empty()) continue;
    const auto number = parseNumber(word);
    if (!number || !std::isfinite(*number) || count == six.size()) return std::nullopt;
    six[count++] = *number;
  }
  if (count != six.size()) return std::nullopt;
  const Affine affine = Affine::fromGeotransform(six);
  return affine.determinant() == 0 ? std::nullopt : std::optional(affine);
}

}  // namespace cubeloom
