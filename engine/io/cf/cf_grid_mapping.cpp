// SPDX-License-Identifier: GPL-3.0-or-later
// CF conventions 1.10, appendix F,
// https://cfconventions.org/Data/cf-conventions/cf-conventions-1.10/cf-conventions.html#appendix-grid-mappings.
#include "engine/io/cf/cf_grid_mapping.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// The mapping's parameters, and the PROJ string that grows from them.
class Translation {
 public:
  explicit Translation(const Attributes& mapping) : m_mapping(mapping) {}

  bool has(const char* name) const { return !values(name).empty(); }
  std::vector<double> values(const char* name) const {
    const auto found = m_mapping.find(name);
    if (found == m_mapping.end()) return {};
    for (const double value : found->second.numbers)
      if (!std::isfinite(value)) return {};
    if (!found->second.numbers.empty()) return found->second.numbers;
    const auto number = parseNumber(found->second.text);
    return number ? std::vector<double>{*number} : std::vector<double>{};
  }
  double value(const char* name, double otherwise) const {
    const auto all = values(name);
    return all.empty() ? otherwise : all.front();
  }
  std::string text(const char* name) const {
    const auto found = m_mapping.find(name);
    return found == m_mapping.end() ? "" : found->second.text;
  }

  void start(const char* projection) { m_proj = std::string("+proj=") + projection; }
  void add(const char* key, double value) { m_proj += std::string(" +") + key + "=" + formatNumber(value); }
  void add(const char* word) { m_proj += std::string(" +") + word; }
  /// `key` from the attribute, or from `otherwise`.
  void copy(const char* key, const char* attribute, double otherwise) { add(key, value(attribute, otherwise)); }
  void falseOrigin() {
    copy("x_0", "false_easting", 0);
    copy("y_0", "false_northing", 0);
  }
  void centralMeridian() {
    if (has("longitude_of_projection_origin")) return copy("lon_0", "longitude_of_projection_origin", 0);
    copy("lon_0", "longitude_of_central_meridian", 0);
  }
  /// lat_1 and lat_2.
  bool parallels(bool isNeeded) {
    const auto both = values("standard_parallel");
    if (both.empty()) return !isNeeded;
    add("lat_1", both.front());
    if (both.size() > 1) add("lat_2", both[1]);
    return true;
  }

  void ellipsoid() {
    const double a = value("semi_major_axis", 0), b = value("semi_minor_axis", 0), radius = value("earth_radius", 0);
    const double flattening = value("inverse_flattening", 0);
    const auto is = [](double x, double wanted, double tolerance) { return std::abs(x - wanted) < tolerance; };
    if (a > 0 && is(a, 6378137, 1e-3) && (is(flattening, 298.257223563, 1e-7) || is(b, 6356752.314245, 1e-4))) {
      add("datum=WGS84");
    } else if (a > 0 && is(a, 6378137, 1e-3) && (is(flattening, 298.257222101, 1e-7) || is(b, 6356752.31414, 1e-4))) {
      add("ellps=GRS80");
    } else if (radius > 0) {
      add("R", radius);
    } else if (a > 0 && flattening > 0) {
      add("a", a);
      add("rf", flattening);
    } else if (a > 0) {
      add("a", a);
      add("b", b > 0 ? b : a);
    } else {
      add("datum=WGS84");
    }
    if (const double meridian = value("longitude_of_prime_meridian", 0); meridian != 0) add("pm", meridian);
  }
  std::string finish() const { return m_proj + " +no_defs +type=crs"; }

 private:
  const Attributes& m_mapping;
  std::string m_proj;
};

bool polarStereographic(Translation& t) {
  t.start("stere");
  const auto parallel = t.values("standard_parallel");
  double pole = t.value("latitude_of_projection_origin", 0);
  if (pole == 0 && !parallel.empty()) pole = parallel.front() < 0 ? -90 : 90;
  if (std::abs(std::abs(pole) - 90) > 1e-6) return false;
  t.add("lat_0", pole);
  if (!parallel.empty()) {
    t.add("lat_ts", parallel.front());
  } else {
    t.copy("k_0", "scale_factor_at_projection_origin", 1);
  }
  t.copy("lon_0",
         t.has("straight_vertical_longitude_from_pole") ? "straight_vertical_longitude_from_pole" : "longitude_of_projection_origin", 0);
  t.falseOrigin();
  return true;
}

bool geostationary(Translation& t) {
  if (!t.has("perspective_point_height")) return false;
  t.start("geos");
  t.copy("h", "perspective_point_height", 0);
  t.centralMeridian();
  std::string sweep = toLower(t.text("sweep_angle_axis"));
  // The other gimbal sweeps the other axis; CF names either.
  if (const std::string fixed = toLower(t.text("fixed_angle_axis")); sweep.empty() && !fixed.empty()) sweep = fixed == "x" ? "y" : "x";
  t.add(sweep == "x" ? "sweep=x" : "sweep=y");
  t.falseOrigin();
  return true;
}

bool mercator(Translation& t) {
  t.start("merc");
  t.centralMeridian();
  if (const auto parallel = t.values("standard_parallel"); !parallel.empty()) {
    t.add("lat_ts", parallel.front());
  } else {
    t.copy("k_0", "scale_factor_at_projection_origin", 1);
  }
  t.falseOrigin();
  return true;
}

bool transverseMercator(Translation& t) {
  t.start("tmerc");
  t.copy("lat_0", "latitude_of_projection_origin", 0);
  t.centralMeridian();
  t.copy("k", "scale_factor_at_central_meridian", 1);
  t.falseOrigin();
  return true;
}

bool conic(Translation& t, const char* projection) {
  t.start(projection);
  t.copy("lat_0", "latitude_of_projection_origin", 0);
  t.centralMeridian();
  if (!t.parallels(true)) return false;
  t.falseOrigin();
  return true;
}

/// Projections with an origin and nothing else.
bool centred(Translation& t, const char* projection) {
  t.start(projection);
  t.copy("lat_0", "latitude_of_projection_origin", 0);
  t.centralMeridian();
  if (t.has("scale_factor_at_projection_origin")) t.copy("k_0", "scale_factor_at_projection_origin", 1);
  t.falseOrigin();
  return true;
}

bool sinusoidal(Translation& t) {
  t.start("sinu");
  t.centralMeridian();
  t.falseOrigin();
  return true;
}

bool cylindricalEqualArea(Translation& t) {
  t.start("cea");
  t.centralMeridian();
  if (const auto parallel = t.values("standard_parallel"); !parallel.empty()) t.add("lat_ts", parallel.front());
  t.falseOrigin();
  return true;
}

bool latitudeLongitude(Translation& t) {
  t.start("longlat");
  return true;
}

struct Projection {
  const char* name;
  bool (*translate)(Translation&);
};
constexpr std::array<Projection, 13> kProjections{{
    {"latitude_longitude", latitudeLongitude},
    {"transverse_mercator", transverseMercator},
    {"lambert_conformal_conic", [](Translation& t) { return conic(t, "lcc"); }},
    {"albers_conical_equal_area", [](Translation& t) { return conic(t, "aea"); }},
    {"polar_stereographic", polarStereographic},
    {"stereographic", [](Translation& t) { return centred(t, "stere"); }},
    {"sinusoidal", sinusoidal},
    {"lambert_azimuthal_equal_area", [](Translation& t) { return centred(t, "laea"); }},
    {"azimuthal_equidistant", [](Translation& t) { return centred(t, "aeqd"); }},
    {"orthographic", [](Translation& t) { return centred(t, "ortho"); }},
    {"lambert_cylindrical_equal_area", cylindricalEqualArea},
    {"mercator", mercator},
    {"geostationary", geostationary},
}};

/// UTM on WGS 84 spelled out by its parameters: the zone has a name that everyone knows it by.
std::optional<std::string> utmOf(const Attributes& mapping, const std::string& proj) {
  const Translation t(mapping);
  if (!proj.starts_with("+proj=tmerc") || proj.find("+datum=WGS84") == std::string::npos || proj.find("+pm=") != std::string::npos)
    return std::nullopt;
  const double meridian = t.value("longitude_of_central_meridian", t.value("longitude_of_projection_origin", 0));
  const double zone = (meridian + 183) / 6, north = t.value("false_northing", 0);
  if (zone != std::floor(zone) || zone < 1 || zone > 60 || t.value("scale_factor_at_central_meridian", 1) != 0.9996 ||
      t.value("latitude_of_projection_origin", 0) != 0 || t.value("false_easting", 0) != 500000 || (north != 0 && north != 1e7))
    return std::nullopt;
  return "EPSG:" + std::to_string((north == 0 ? 32600 : 32700) + static_cast<int>(zone));
}

/// By CF's parameters alone; invalid when they are not understood.
Crs crsFromParameters(const Attributes& mapping) {
  const auto proj = projFromGridMapping(mapping);
  if (!proj) return {};
  // A plain latitude_longitude on WGS 84 is EPSG:4326 and nothing else.
  if (proj->starts_with("+proj=longlat +datum=WGS84 +no_defs"))
    if (auto crs = Crs::fromUser("EPSG:4326")) return *crs;
  return Crs::fromUser(utmOf(mapping, *proj).value_or(*proj)).value_or(Crs());
}

/// How far apart two systems put the origin of the first and places 500 km beside it, in metres; unset where that cannot be told. Datums
/// and figures of the Earth that differ, or are not told, make less than a few kilometres of it.
std::optional<double> metresApart(const Attributes& mapping, const Crs& byParameters, const Crs& byText) {
  constexpr double kBeside = 5e5, kMetre = 1;
  if (byText.unitInMetres() != kMetre || byParameters.unitInMetres() != kMetre) return std::nullopt;
  const auto transformer = Transformer::between(byParameters, byText);
  if (!transformer) return std::nullopt;
  const Translation t(mapping);
  double apart = 0;
  for (const auto& [dx, dy] : {std::pair(0.0, 0.0), std::pair(kBeside, 0.0), std::pair(0.0, kBeside)}) {
    const double x = t.value("false_easting", 0) + dx, y = t.value("false_northing", 0) + dy;
    double toX = x, toY = y;
    transformer->forward(&toX, &toY, 1);
    if (!std::isfinite(toX) || !std::isfinite(toY)) return std::nullopt;
    apart = std::max(apart, std::hypot(toX - x, toY - y));
  }
  return apart;
}

/// What writers that keep to no convention give beside CF's parameters or instead of them.
Crs crsFromOtherWords(const Attributes& mapping, std::vector<std::string>& notes) {
  for (const char* key : {"proj4", "proj4_params", "proj4text", "proj4_string", "proj_string", "epsg_code", "epsg", "EPSG_code"}) {
    const auto found = mapping.find(key);
    if (found == mapping.end()) continue;
    const std::string text(trim(found->second.text));
    const auto crs = Crs::fromUser(parseNumber(text) ? "EPSG:" + text : text);
    if (!crs) continue;
    notes.push_back("the CRS is taken from the grid mapping's attribute " + std::string(key) + ": " + crs->label());
    return *crs;
  }
  return {};
}

}  // namespace

std::optional<std::string> projFromGridMapping(const Attributes& mapping) {
  Translation translation(mapping);
  const std::string name = toLower(trim(translation.text("grid_mapping_name")));
  for (const Projection& projection : kProjections) {
    if (name != projection.name) continue;
    if (!projection.translate(translation)) return std::nullopt;
    translation.ellipsoid();
    return translation.finish();
  }
  return std::nullopt;
}

std::optional<std::string> gridMappingOf(const std::string& attribute, const std::string& y, const std::string& x) {
  if (attribute.find(':') == std::string::npos) return attribute.substr(0, attribute.find(' '));
  std::string text = attribute;
  for (std::size_t colon = text.find(':'); colon != std::string::npos; colon = text.find(':', colon + 2)) text.insert(colon + 1, " ");
  std::string name;
  bool hasY = false, hasX = false;
  for (const std::string& word : split(text, ' ')) {
    if (word.ends_with(':')) {
      name = word.substr(0, word.size() - 1);
      hasY = hasX = false;
    }
    hasY = hasY || word == y;
    hasX = hasX || word == x;
    if (hasY && hasX) return name;
  }
  return std::nullopt;
}

Crs crsFromGridMapping(const Attributes& mapping, CoordinateKind coordinates, std::vector<std::string>& notes) {
  const auto text = [&mapping](const char* name) {
    const auto found = mapping.find(name);
    return found == mapping.end() ? std::string() : found->second.text;
  };
  const auto fits = [coordinates](const Crs& crs) {
    return coordinates == CoordinateKind::Unknown || crs.isGeographic() == (coordinates == CoordinateKind::Degrees);
  };
  const char* const kSpoken = coordinates == CoordinateKind::Degrees ? "degrees of longitude and latitude" : "lengths";
  const std::string name = text("grid_mapping_name");
  Crs byParameters = crsFromParameters(mapping);
  for (const char* key : {"crs_wkt", "spatial_ref", "_CRS"}) {
    if (trim(text(key)).empty()) continue;
    const auto crs = Crs::fromUser(text(key));
    if (!crs) {
      notes.push_back("the grid mapping's " + std::string(key) + " is not understood");
      continue;
    }
    if (!byParameters.isValid() || byParameters.isGeographic() == crs->isGeographic()) {
      if (!fits(*crs)) notes.push_back("check the CRS: it is " + crs->label() + ", but the coordinates are " + kSpoken);
      constexpr double kApart = 1e4;
      const auto apart = byParameters.isValid() ? metresApart(mapping, byParameters, *crs) : std::nullopt;
      if (apart.value_or(0) > kApart)
        notes.push_back("the grid mapping contradicts itself: its " + std::string(key) + " is " + crs->label() +
                        ", by its parameters it is " + byParameters.label() + ", which lies elsewhere by " +
                        formatSignificant(*apart / 1000, 3) + " km; the " + key +
                        " is taken, as GDAL does; set the right one with assign_crs");
      return *crs;
    }
    const bool isWktTaken = fits(*crs);
    notes.push_back("the grid mapping contradicts itself: its " + std::string(key) + " is " + crs->label() + ", its grid_mapping_name \"" +
                    name + "\"; the " + (isWktTaken ? "first" : "second") + " is taken" +
                    (coordinates == CoordinateKind::Unknown ? "" : std::string(", as the coordinates are ") + kSpoken));
    return isWktTaken ? *crs : byParameters;
  }
  if (byParameters.isValid()) {
    if (!fits(byParameters)) notes.push_back("check the CRS: it is " + byParameters.label() + ", but the coordinates are " + kSpoken);
    return byParameters;
  }
  if (auto other = crsFromOtherWords(mapping, notes); other.isValid()) return other;
  notes.push_back("the CRS is unknown: the grid mapping " +
                  (name.empty() ? std::string("has no name") : "\"" + name + "\" is not understood"));
  return {};
}

}  // namespace cubeloom
