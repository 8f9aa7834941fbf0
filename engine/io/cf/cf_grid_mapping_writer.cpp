// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/cf_grid_mapping_writer.h"

#include <array>
#include <optional>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// The values of the first KEYWORD["name",...] in WKT 1; with `name`, of the one that is called so.
std::optional<std::vector<std::string>> entry(const std::string& wkt, const std::string& keyword, const std::string& name = {}) {
  const std::string start = keyword + "[\"" + name + (name.empty() ? "" : "\"");
  const std::size_t at = wkt.find(start);
  if (at == std::string::npos) return std::nullopt;
  const std::size_t begin = at + keyword.size() + 1, end = wkt.find_first_of("[]", begin);
  if (end == std::string::npos) return std::nullopt;
  std::vector<std::string> values;
  for (const std::string& part : split(wkt.substr(begin, end - begin), ',')) {
    std::string value(trim(part));
    if (value.size() > 1 && value.front() == '"') value = value.substr(1, value.rfind('"') - 1);
    values.push_back(std::move(value));
  }
  return values;
}

std::optional<double> numberOf(const std::string& wkt, const std::string& keyword, const std::string& name, std::size_t index) {
  const auto values = entry(wkt, keyword, name);
  if (!values || values->size() <= index) return std::nullopt;
  return parseNumber((*values)[index]);
}

struct Parameter {
  const char *wkt, *cf;
};
struct WrittenProjection {
  const char *wkt, *cf;
  std::array<Parameter, 6> parameters;
};
constexpr Parameter kLatitude{"latitude_of_origin", "latitude_of_projection_origin"}, kEasting{"false_easting", "false_easting"},
    kNorthing{"false_northing", "false_northing"}, kNone{nullptr, nullptr}, kMeridian{"central_meridian", "longitude_of_central_meridian"};
constexpr std::array<WrittenProjection, 8> kWrittenProjections{{
    {"Transverse_Mercator",
     "transverse_mercator",
     {kLatitude, kMeridian, {"scale_factor", "scale_factor_at_central_meridian"}, kEasting, kNorthing, kNone}},
    {"Lambert_Conformal_Conic_2SP", "lambert_conformal_conic", {kLatitude, kMeridian, kEasting, kNorthing, kNone, kNone}},
    {"Albers_Conic_Equal_Area",
     "albers_conical_equal_area",
     {{{"latitude_of_center", "latitude_of_projection_origin"},
       {"longitude_of_center", "longitude_of_central_meridian"},
       kEasting,
       kNorthing,
       kNone,
       kNone}}},
    {"Lambert_Azimuthal_Equal_Area",
     "lambert_azimuthal_equal_area",
     {{{"latitude_of_center", "latitude_of_projection_origin"},
       {"longitude_of_center", "longitude_of_projection_origin"},
       kEasting,
       kNorthing,
       kNone,
       kNone}}},
    {"Polar_Stereographic",
     "polar_stereographic",
     {{{"latitude_of_origin", "standard_parallel"},
       {"central_meridian", "straight_vertical_longitude_from_pole"},
       kEasting,
       kNorthing,
       kNone,
       kNone}}},
    {"Sinusoidal", "sinusoidal", {{{"longitude_of_center", "longitude_of_projection_origin"}, kEasting, kNorthing, kNone, kNone, kNone}}},
    {"Mercator_2SP",
     "mercator",
     {{{"standard_parallel_1", "standard_parallel"},
       {"central_meridian", "longitude_of_projection_origin"},
       kEasting,
       kNorthing,
       kNone,
       kNone}}},
    {"Mercator_1SP",
     "mercator",
     {{{"scale_factor", "scale_factor_at_projection_origin"},
       {"central_meridian", "longitude_of_projection_origin"},
       kEasting,
       kNorthing,
       kNone,
       kNone}}},
}};

}  // namespace

GridMappingWords gridMappingWords(const Crs& crs) {
  GridMappingWords words;
  const std::string wkt = crs.wkt1();
  const auto a = numberOf(wkt, "SPHEROID", "", 1), flattening = numberOf(wkt, "SPHEROID", "", 2);
  if (!a || !flattening) return words;
  if (crs.isGeographic()) {
    words.texts["grid_mapping_name"] = "latitude_longitude";
  } else {
    // Parameters are in the system's own unit, CF's in metres: only where that is the same.
    const auto projection = entry(wkt, "PROJECTION");
    if (!projection || crs.unitInMetres() != 1) return words;
    for (const WrittenProjection& known : kWrittenProjections) {
      if (projection->front() != known.wkt) continue;
      for (const Parameter& parameter : known.parameters) {
        if (parameter.wkt == nullptr) continue;
        if (const auto value = numberOf(wkt, "PARAMETER", parameter.wkt, 1)) words.numbers[parameter.cf] = {*value};
      }
      words.texts["grid_mapping_name"] = known.cf;
    }
    if (words.texts.empty()) return {};
    const std::string& name = words.texts["grid_mapping_name"];
    if (name == "lambert_conformal_conic" || name == "albers_conical_equal_area")
      for (const char* parallel : {"standard_parallel_1", "standard_parallel_2"})
        if (const auto value = numberOf(wkt, "PARAMETER", parallel, 1)) words.numbers["standard_parallel"].push_back(*value);
    if (name == "polar_stereographic" && !words.numbers["standard_parallel"].empty())
      words.numbers["latitude_of_projection_origin"] = {words.numbers["standard_parallel"].front() < 0 ? -90.0 : 90.0};
  }
  words.numbers["semi_major_axis"] = {*a};
  if (*flattening > 0) words.numbers["inverse_flattening"] = {*flattening};
  if (const auto meridian = numberOf(wkt, "PRIMEM", "", 1)) words.numbers["longitude_of_prime_meridian"] = {*meridian};
  return words;
}

}  // namespace cubeloom
