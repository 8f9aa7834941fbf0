// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/envi/envi_grid.h"

#include <array>
#include <cmath>
#include <numbers>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// Letters and digits only, in lower case: "WGS-84" and "WGS 84" are one.
std::string bare(std::string_view text) {
  std::string out;
  for (const char c : toLower(text))
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  return out;
}

struct DatumCodes {
  std::string_view name;
  int geographic, utmNorth, utmSouth;  // utm: EPSG code of zone 0, or 0 when there is none
  int firstZone, lastZone;
};

constexpr std::array<DatumCodes, 9> kDatums{{
    {"wgs84", 4326, 32600, 32700, 1, 60},
    {"wgs1984", 4326, 32600, 32700, 1, 60},
    {"wgs72", 4322, 32200, 32300, 1, 60},
    {"nad83", 4269, 26900, 0, 1, 23},
    {"northamerica1983", 4269, 26900, 0, 1, 23},
    {"nad27", 4267, 26700, 0, 1, 22},
    {"northamerica1927", 4267, 26700, 0, 1, 22},
    {"etrs89", 4258, 25800, 0, 28, 38},
    {"europeanterrestrialreferencesystem1989", 4258, 25800, 0, 28, 38},
}};

bool isUtm(const EnviMapInfo& info) { return bare(info.projection) == "utm"; }
bool isGeographic(const EnviMapInfo& info) { return bare(info.projection).starts_with("geographic"); }
/// 60 for minutes of arc, 3600 for seconds, else 1.
double partsOfDegree(const EnviMapInfo& info) {
  const std::string units = toLower(info.units);
  return !isGeographic(info) ? 1 : units.starts_with("sec") ? 3600 : units.starts_with("min") ? 60 : 1;
}

Affine rotatedAffine(double refX, double refY, double east, double north, double width, double height, double degrees) {
  Affine m{width, 0, 0, 0, -height, 0};
  if (std::abs(degrees) == 180) {
    m.e = height;  // south-up: so GDAL writes such grids, and reads what is turned by just this
  } else if (degrees != 0) {
    const double angle = degrees * std::numbers::pi / 180;
    m = {std::cos(angle) * width, std::sin(angle) * height, 0, std::sin(angle) * width, -std::cos(angle) * height, 0};
  }
  m.c = east - (refX - 1) * m.a - (refY - 1) * m.b;
  m.f = north - (refX - 1) * m.d - (refY - 1) * m.e;
  return m;
}

}  // namespace

std::optional<EnviMapInfo> enviMapInfo(const EnviHeader& header, std::vector<std::string>& notes) {
  const std::vector<std::string> items = header.list("map info");
  if (items.empty()) return std::nullopt;
  EnviMapInfo info;
  info.projection = items[0];
  double rotation = 0;
  std::vector<std::string> plain;  // items without the named ones at the end
  for (const std::string& item : items) {
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) {
      plain.push_back(item);
      continue;
    }
    const std::string key = bare(std::string_view(item).substr(0, equals));
    const std::string value(trim(std::string_view(item).substr(equals + 1)));
    if (key == "units") info.units = value;
    if (key == "rotation") {
      const auto degrees = parseNumber(value);
      if (!degrees || !std::isfinite(*degrees)) {
        notes.push_back("map info left out: its rotation \"" + value + "\" is not a number");
        return std::nullopt;
      }
      rotation = *degrees;
    }
  }
  constexpr std::size_t kNumbers = 6;
  std::array<double, kNumbers> number{};
  for (std::size_t i = 0; i < kNumbers; ++i) {
    const auto value = i + 1 < plain.size() ? parseNumber(plain[i + 1]) : std::nullopt;
    if (!value || !std::isfinite(*value)) {
      notes.emplace_back("map info left out: it lacks its six numbers (reference pixel, easting, northing, pixel sizes)");
      return std::nullopt;
    }
    number[i] = *value;
  }
  if (number[4] == 0 || number[5] == 0) {
    notes.push_back("map info left out: its pixel sizes are " + formatNumber(number[4]) + " and " + formatNumber(number[5]));
    return std::nullopt;
  }
  if (number[4] < 0) notes.push_back("the pixel width " + formatNumber(number[4]) + " is negative: columns run to the west");
  if (number[5] < 0) notes.push_back("the pixel height " + formatNumber(number[5]) + " is negative: lines run to the north");
  const double parts = partsOfDegree(info);
  for (const std::size_t i : {2, 3, 4, 5}) number[i] /= parts;
  info.affine = rotatedAffine(number[0], number[1], number[2], number[3], number[4], number[5], rotation);
  std::size_t next = kNumbers + 1;
  if (isUtm(info) && next < plain.size()) {
    info.zone = static_cast<int>(parseInteger(plain[next++]).value_or(0));
    if (next < plain.size()) info.south = bare(plain[next++]).starts_with('s');
  }
  if (next < plain.size()) info.datum = plain[next];
  return info;
}

std::string enviEpsg(const EnviMapInfo& info) {
  for (const DatumCodes& datum : kDatums) {
    if (bare(info.datum) != datum.name) continue;
    if (isGeographic(info)) return "EPSG:" + std::to_string(datum.geographic);
    const int base = info.south ? datum.utmSouth : datum.utmNorth;
    if (isUtm(info) && base != 0 && info.zone >= datum.firstZone && info.zone <= datum.lastZone)
      return "EPSG:" + std::to_string(base + info.zone);
  }
  return {};
}

GeoBox enviGrid(const EnviHeader& header, std::int64_t lines, std::int64_t samples, std::vector<std::string>& notes) {
  const auto info = enviMapInfo(header, notes);
  if (!info) {
    if (!header.has("map info")) notes.emplace_back("no map info: the grid is in pixels, its place on the ground is unknown");
    return {lines, samples, Affine{}, Crs()};
  }
  const std::string units = toLower(info->units);
  const bool metres = units.empty() || units.starts_with("met");
  const bool degrees = units.empty() || units.starts_with("deg") || partsOfDegree(*info) != 1;
  const bool isCodesUnit = isGeographic(*info) ? degrees : metres;
  Crs fromMapInfo;
  if (const std::string code = enviEpsg(*info); !code.empty() && isCodesUnit) fromMapInfo = Crs::fromUser(code).value_or(Crs());
  if (partsOfDegree(*info) != 1)
    notes.push_back("map info is in " + units + " of arc: its numbers are divided by " + formatNumber(partsOfDegree(*info)));
  if (!isCodesUnit) notes.push_back("map info is in \"" + info->units + "\": check the coordinates");

  if (const auto wkt = header.text("coordinate system string"); wkt && !wkt->empty()) {
    if (auto crs = Crs::fromUser(*wkt)) {
      // The same system by its code is easier to recognise than Esri's name for it.
      if (fromMapInfo.isValid() && fromMapInfo.isSameAs(*crs)) return {lines, samples, info->affine, fromMapInfo};
      if (fromMapInfo.isValid())
        notes.push_back("map info says " + fromMapInfo.label() + ", the coordinate system string " + crs->label() +
                        ": the string is taken; check the place, and give the right one with assign_crs");
      return {lines, samples, info->affine, std::move(*crs)};
    }
    notes.emplace_back(fromMapInfo.isValid() ? "the coordinate system string is not understood: the CRS is taken from map info"
                                             : "the coordinate system string is not understood: the CRS is unknown");
  } else if (!fromMapInfo.isValid()) {
    notes.push_back("map info \"" + info->projection + "\" without a coordinate system string: the CRS is unknown");
  }
  return {lines, samples, info->affine, fromMapInfo};
}

}  // namespace cubeloom
