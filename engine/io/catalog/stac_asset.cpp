// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/stac_asset.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/io/catalog/catalog_place.h"
#include "engine/io/catalog/stac_link.h"
#include "engine/io/catalog/stac_values.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostBands = 4096;
constexpr double kMostPixels = 1e9;  // along a side
constexpr double kNmPerMicrometre = 1000;

/// The value under `key` of an asset, else of its item; null when neither has it.
const Json& said(const Json& asset, const Json& properties, const char* key) {
  static const Json kNothing;
  for (const Json* json : {&asset, &properties})
    if (const auto found = json->find(key); json->is_object() && found != json->end() && !found->is_null()) return *found;
  return kNothing;
}

std::vector<double> numbersOf(const Json& json) {
  std::vector<double> numbers;
  constexpr std::size_t kMost = 16;
  if (!json.is_array() || json.size() > kMost) return {};
  for (const Json& number : json) {
    if (!number.is_number() || !std::isfinite(number.get<double>())) return {};
    numbers.push_back(number.get<double>());
  }
  return numbers;
}

Crs systemOf(const Json& asset, const Json& properties, StacSystems& systems) {
  std::string text;
  if (const Json& code = said(asset, properties, "proj:code"); code.is_string()) text = code.get<std::string>();
  if (const Json& epsg = said(asset, properties, "proj:epsg"); text.empty() && epsg.is_number_integer())
    text = "EPSG:" + std::to_string(epsg.get<std::int64_t>());
  if (const Json& wkt = said(asset, properties, "proj:wkt2"); text.empty() && wkt.is_string()) text = wkt.get<std::string>();
  if (const Json& projjson = said(asset, properties, "proj:projjson"); text.empty() && projjson.is_object()) text = projjson.dump();
  if (text.empty()) return {};
  const auto known = systems.find(text);
  if (known != systems.end()) return known->second;
  return systems[text] = Crs::fromUser(text).value_or(Crs());
}

std::optional<GeoBox> gridOf(const Json& asset, const Json& properties, StacSystems& systems) {
  const auto shape = numbersOf(said(asset, properties, "proj:shape")), transform = numbersOf(said(asset, properties, "proj:transform"));
  const auto isSide = [](double side) { return side >= 1 && side <= kMostPixels && side == std::floor(side); };
  if (shape.size() != 2 || !isSide(shape[0]) || !isSide(shape[1]) || (transform.size() != 6 && transform.size() != 9)) return std::nullopt;
  const Affine affine{transform[0], transform[1], transform[2], transform[3], transform[4], transform[5]};
  const Crs crs = systemOf(asset, properties, systems);
  if (affine.determinant() == 0 || !crs.isValid()) return std::nullopt;
  return GeoBox(static_cast<std::int64_t>(shape[0]), static_cast<std::int64_t>(shape[1]), affine, crs);
}

double positiveAt(const Json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (const auto found = object.find(key); object.is_object() && found != object.end() && found->is_number()) return found->get<double>();
  return 0;
}

std::string firstText(const Json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (std::string text = textAt(object, key); !text.empty()) return text.substr(0, kMaxEntryText);
  return {};
}

const Json* listAt(const Json& asset, const char* key) {
  const auto found = asset.find(key);
  return found != asset.end() && found->is_array() && !found->empty() && found->size() <= kMostBands ? &*found : nullptr;
}

std::vector<ItemBand> bandsOf(const Json& asset) {
  const Json *raster = listAt(asset, "raster:bands"), *spectral = listAt(asset, "eo:bands"), *both = listAt(asset, "bands");
  std::size_t count = 0;
  for (const Json* list : {both, spectral, raster})
    if (list != nullptr) count = list->size();
  std::vector<ItemBand> bands(count);
  const std::vector<StacBand> values = stacBands(asset);
  for (std::size_t i = 0; i < count; ++i) {
    ItemBand& band = bands[i];
    if (values.size() == count || values.size() == 1) {
      const StacBand& value = values[values.size() == 1 ? 0 : i];
      band.nodata = value.nodata, band.scale = value.scale, band.offset = value.offset, band.unit = value.unit;
    }
    band.type = pixelTypeFromName(toLower(textAt(asset, "data_type")));
    for (const Json* list : {both, spectral, raster}) {
      if (list == nullptr || list->size() != count) continue;
      const Json& one = (*list)[i];
      if (const std::string name = firstText(one, {"name"}); !name.empty()) band.name = name;
      if (const std::string common = firstText(one, {"common_name", "eo:common_name"}); !common.empty()) band.commonName = common;
      if (const auto type = pixelTypeFromName(toLower(textAt(one, "data_type")))) band.type = type;
      if (const double centre = positiveAt(one, {"center_wavelength", "eo:center_wavelength"}); centre > 0)
        band.wavelength = centre * kNmPerMicrometre;
      if (const double fwhm = positiveAt(one, {"full_width_half_max", "eo:full_width_half_max"}); fwhm > 0)
        band.fwhm = fwhm * kNmPerMicrometre;
    }
  }
  return bands;
}

bool isQualityName(const std::string& name) {
  static constexpr std::array<const char*, 10> kNames{"scl", "fmask", "bqa", "udm", "udm2", "cloud", "cloudmask", "mask", "snow", "qa"};
  const std::string lower = toLower(name);
  return lower.starts_with("qa_") || lower.ends_with("_qa") || lower.starts_with("qa60") || lower.ends_with("_mask") ||
         std::any_of(kNames.begin(), kNames.end(), [&lower](const char* known) { return lower == known; });
}

bool isRasterType(const std::string& mediaType, const std::string& href) {
  const std::string type = toLower(mediaType);
  for (const char* word : {"geotiff", "image/jp2", "image/tiff", "netcdf", "hdf", "zarr", "application/vnd.zarr"})
    if (type.find(word) != std::string::npos) return true;
  if (!type.empty() && !type.starts_with("image/") && !type.starts_with("application/octet")) return false;
  if (type == "image/png" || type == "image/jpeg" || type == "image/webp") return false;
  return !formatOfName(href).empty();
}

}  // namespace

ItemAsset stacAsset(const std::string& name, const Json& json, const Json& properties, StacSystems& systems) {
  ItemAsset asset;
  asset.name = name.substr(0, kMaxEntryText);
  if (!json.is_object()) return asset;
  asset.href = textAt(json, "href");
  if (const auto roles = json.find("roles"); roles != json.end() && roles->is_array())
    for (const Json& role : *roles)
      if (role.is_string() && asset.roles.size() < kMaxEntryMetadata) asset.roles.push_back(toLower(role.get<std::string>()));
  asset.mayBeRaster = isRasterType(textAt(json, "type"), asset.href);
  if (!asset.mayBeRaster) return asset;
  asset.bands = bandsOf(json);
  asset.grid = gridOf(json, properties, systems);
  asset.isClasses = isQualityName(name) || listAt(json, "classification:classes") != nullptr ||
                    listAt(json, "classification:bitfields") != nullptr || asset.hasRole("cloud") || asset.hasRole("saturation") ||
                    asset.hasRole("udm") || asset.hasRole("data-mask") || asset.hasRole("snow-ice");
  return asset;
}

}  // namespace cubeloom
