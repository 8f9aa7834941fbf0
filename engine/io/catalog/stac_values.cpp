// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/stac_values.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/io/catalog/stac_link.h"
#include "engine/io/source/exact_nodata.h"
#include "engine/io/source/stored_scales.h"

namespace cubeloom {
namespace {

using Json = nlohmann::json;
using Notes = std::vector<std::string>;

/// A number, or one of the words that stand for those JSON has none for: "nan", "inf", "-inf".
std::optional<double> numberAt(const Json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto found = object.find(key);
    if (found == object.end()) continue;
    if (found->is_number()) return found->get<double>();
    if (!found->is_string()) continue;
    const std::string word = toLower(found->get<std::string>());
    if (word == "nan") return NAN;
    if (word == "inf" || word == "-inf") return word == "inf" ? INFINITY : -INFINITY;
  }
  return std::nullopt;
}

/// `defaults`: what the asset says of all its bands.
StacBand bandOf(const Json& json, const StacBand& defaults) {
  StacBand band = defaults;
  if (!json.is_object()) return band;
  if (const auto scale = numberAt(json, {"raster:scale", "scale"})) band.scale = scale;
  if (const auto offset = numberAt(json, {"raster:offset", "offset"})) band.offset = offset;
  if (const auto nodata = numberAt(json, {"nodata"})) band.nodata = nodata;
  if (const std::string unit = textAt(json, "unit"); !unit.empty()) band.unit = unit;
  return band;
}

bool same(const std::optional<double>& a, const std::optional<double>& b) {
  return a.has_value() == b.has_value() && (!a || *a == *b || (std::isnan(*a) && std::isnan(*b)));
}

void applyNodata(const std::vector<StacBand>& bands, ArraySpec& spec, Notes& notes) {
  const std::optional<double>& first = bands.front().nodata;
  const bool isOne = std::all_of(bands.begin(), bands.end(), [&first](const StacBand& band) { return same(band.nodata, first); });
  if (!isOne) {
    if (!spec.nodata) notes.emplace_back("nodata left undeclared: the STAC item has another one from band to band");
  } else if (first && spec.nodata) {
    if (!same(first, spec.nodata))
      notes.push_back("the STAC item says nodata " + formatNumber(*first) + ", the file " + formatNumber(*spec.nodata) +
                      ": the file's is taken");
  } else if (first && isToldApart(spec.type, *first) && canHold(spec.type, *first)) {
    spec.nodata = first;
    std::erase_if(notes, [](const std::string& note) { return note.starts_with("nodata is not declared"); });
    notes.push_back("nodata is " + formatNumber(*first) + " by the STAC item");
  } else if (first) {
    notes.push_back("nodata left undeclared: no " + std::string(pixelTypeName(spec.type)) + " can be " + formatNumber(*first) +
                    ", which the STAC item says");
  }
}

void applyScales(const std::vector<StacBand>& bands, int bandDim, bool isDecoded, ArraySpec& spec, Notes& notes) {
  std::vector<StoredScale> scales;
  scales.reserve(bands.size());
  for (const StacBand& band : bands) scales.push_back({band.scale.value_or(1), band.offset.value_or(0)});
  if (std::all_of(scales.begin(), scales.end(), [](const StoredScale& scale) { return scale == StoredScale{}; })) return;
  if (isDecoded || spec.storedScale || spec.scaledDim() >= 0) {
    ArraySpec said = spec;
    said.setStoredScales(bandDim, scales);
    const bool isSame = !isDecoded && said.storedScale == spec.storedScale && said.scaledDim() == spec.scaledDim();
    if (!isSame) notes.emplace_back("scale and offset of the STAC item are not applied: the file has its own");
    return;
  }
  noteStoredScales(spec, bandDim, scales, notes);
}

}  // namespace

std::vector<StacBand> stacBands(const Json& asset) {
  if (!asset.is_object()) return {};
  constexpr std::size_t kMostBands = 65536;
  // Of the asset itself only what STAC 1.1 has there: a plain "scale" would be anything's.
  StacBand whole;
  whole.scale = numberAt(asset, {"raster:scale"});
  whole.offset = numberAt(asset, {"raster:offset"});
  whole.nodata = numberAt(asset, {"nodata"});
  whole.unit = textAt(asset, "unit");
  std::vector<StacBand> bands;
  for (const char* key : {"raster:bands", "bands"}) {
    const auto list = asset.find(key);
    if (!bands.empty() || list == asset.end() || !list->is_array() || list->size() > kMostBands) continue;
    for (const Json& band : *list) bands.push_back(bandOf(band, whole));
  }
  if (bands.empty()) bands.push_back(whole);
  const bool saysNothing = std::all_of(bands.begin(), bands.end(), [](const StacBand& band) { return band.saysNothing(); });
  return saysNothing ? std::vector<StacBand>{} : bands;
}

void applyStacBands(const std::vector<StacBand>& given, bool isDecoded, ArraySpec& spec, Notes& notes) {
  if (given.empty()) return;
  const int bandDim = std::max(spec.spectralDim(), 0);
  const auto count = static_cast<std::size_t>(spec.spectralDim() < 0 ? 1 : spec.dims[static_cast<std::size_t>(bandDim)].size);
  std::vector<StacBand> bands = given;
  if (bands.size() == 1) bands.resize(count, given.front());
  if (bands.size() != count) {
    notes.push_back("what the STAC item says of " + std::to_string(given.size()) + " bands is not applied: the file has " +
                    std::to_string(count));
    return;
  }
  applyNodata(bands, spec, notes);
  const bool isOneUnit = std::all_of(bands.begin(), bands.end(), [&bands](const StacBand& band) { return band.unit == bands[0].unit; });
  if (spec.unit.empty() && isOneUnit) spec.unit = bands.front().unit;
  applyScales(bands, bandDim, isDecoded, spec, notes);
}

}  // namespace cubeloom
