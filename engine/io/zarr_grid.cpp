// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/base/text.h"

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
  std::vector<std::string> texts{textOf(attributes, "crs_wkt"), textOf(attributes, "spatial_ref")};
  if (const auto gdal = attributes.find("_CRS"); gdal != attributes.end() && gdal->is_object()) {
    texts.push_back(textOf(*gdal, "wkt"));
    if (const auto projjson = gdal->find("projjson"); projjson != gdal->end()) texts.push_back(projjson->dump());
  }
  bool said = false;
  for (const std::string& text : texts) {
    if (text.empty()) continue;
    said = true;
    if (auto crs = Crs::fromUser(text)) return *crs;
  }
  if (said) {
    notes.emplace_back("the CRS is not understood: it is taken as unknown");
  } else if (const std::string name = textOf(attributes, "grid_mapping_name"); !name.empty()) {
    notes.push_back("the CRS is given by the parameters of \"" + name + "\" alone, without WKT: it is taken as unknown; set 'crs'");
  }
  return {};
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
