// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/item_headers.h"

#include <cmath>

#include "engine/array/stated_date.h"
#include "engine/base/text.h"
#include "engine/geo/same_grid.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

Failure aboutItem(const Item& item, const ItemAsset& asset, const std::string& path, ErrorCode code, const std::string& what,
                  const std::string& hint) {
  Error e;
  e.code = code;
  e.message = (asset.name.empty() ? "" : "asset '" + asset.name + "' of ") + ("item " + item.id + ": ") + what;
  e.hint = hint;
  e.path = path;
  return fail(std::move(e));
}

bool isSameNodata(const std::optional<double>& a, const std::optional<double>& b) {
  return a.has_value() == b.has_value() && (!a || *a == *b || (std::isnan(*a) && std::isnan(*b)));
}

std::vector<ItemBand> bandsOf(const ArraySpec& spec) {
  const int d = spec.spectralDim();
  std::vector<ItemBand> bands(static_cast<std::size_t>(bandsOfFile(spec)));
  for (std::size_t i = 0; i < bands.size(); ++i) {
    ItemBand& band = bands[i];
    band.type = spec.type;
    band.nodata = spec.nodata;
    band.unit = spec.unit;
    if (spec.storedScale) band.scale = spec.storedScale->factor, band.offset = spec.storedScale->offset;
    if (d < 0) continue;
    const Coordinate& c = spec.dims[static_cast<std::size_t>(d)].coordinate;
    if (!c.labels.empty()) band.name = c.labels[i];
    if (c.unit == "nm" && c.kind != Coordinate::Kind::None) band.wavelength = c.at(static_cast<std::int64_t>(i));
    if (const auto fwhm = c.aux.find("fwhm"); fwhm != c.aux.end()) band.fwhm = fwhm->second[i];
    if (spec.scaledDim() == d) band.scale = c.aux.at("scale")[i], band.offset = c.aux.at("offset")[i];
  }
  return bands;
}

}  // namespace

std::int64_t bandsOfFile(const ArraySpec& spec) {
  const int d = spec.spectralDim();
  return d < 0 ? 1 : spec.dims[static_cast<std::size_t>(d)].size;
}

Result<std::shared_ptr<const ArraySpec>> ItemHeaders::headerOf(const Item& item, const ItemAsset& asset) {
  if (const auto known = m_specs.find(keyOf(item, asset)); known != m_specs.end()) return known->second;
  auto path = m_items.pathOf(item, asset);
  if (!path) return fail(path.error());
  auto source = m_sources.open({.path = *path, .variable = {}, .driver = {}});
  if (!source) return aboutItem(item, asset, *path, source.error().code, source.error().message, source.error().hint);
  const ArraySpec& spec = (*source)->spec();
  if (!spec.geobox)
    return aboutItem(item, asset, *path, ErrorCode::GridMismatch, *path + " has no grid on the ground: its dims are " + dimList(spec),
                     "leave it out, or give it one first with georeference, orthorectify or assign_grid");
  const int spectral = spec.spectralDim();
  for (int d = 0; d < static_cast<int>(spec.dims.size()); ++d)
    if (const Dim& dim = spec.dims[static_cast<std::size_t>(d)]; d != spectral && d != spec.yDim && d != spec.xDim && dim.size != 1)
      return aboutItem(item, asset, *path, ErrorCode::GridMismatch,
                       *path + " has the dims " + dimList(spec) + ": '" + dim.name + "' has " + formatCount(dim.size) + " entries",
                       "load takes rasters of one time; open takes cubes");
  if (isComplex(spec.type))
    return aboutItem(item, asset, *path, ErrorCode::UnsupportedType, "its values are complex, real ones are needed", "leave it out");
  m_scratchBytes = std::max(m_scratchBytes, (*source)->cost(fullRegion(spec.shape())).scratchBytes);
  m_samples.emplace(asset.name, *source);
  return m_specs[keyOf(item, asset)] = std::make_shared<const ArraySpec>(spec);
}

Result<void> ItemHeaders::read(Item& item, ItemAsset& asset) {
  auto header = headerOf(item, asset);
  if (!header) return fail(header.error());
  const ArraySpec& spec = **header;
  std::vector<ItemBand> bands = bandsOf(spec);
  for (std::size_t i = 0; i < bands.size() && bands.size() == asset.bands.size(); ++i) {
    ItemBand &band = bands[i], &said = asset.bands[i];
    if (!said.name.empty()) band.name = said.name;
    band.commonName = said.commonName;
    if (!band.nodata) band.nodata = said.nodata;
    if (!band.scale && (said.scale || said.offset)) band.scale = said.scale, band.offset = said.offset;
    if (band.unit.empty()) band.unit = said.unit;
    if (said.wavelength > 0) band.wavelength = said.wavelength, band.fwhm = said.fwhm;
  }
  asset.bands = std::move(bands);
  asset.grid = *spec.geobox;
  asset.isClasses = asset.isClasses || spec.isClasses();
  return {};
}

Result<void> ItemHeaders::readTime(Item& item) {
  for (ItemAsset& asset : item.assets) {
    if (item.seconds) return {};
    CUBELOOM_TRY(read(item, asset));
    if (const ArraySpec* spec = specOf(item, asset)) item.seconds = statedDate(*spec);
  }
  return {};
}

bool ItemHeaders::isRead(const Item& item, const ItemAsset& asset) const { return m_specs.contains(keyOf(item, asset)); }

std::shared_ptr<Source> ItemHeaders::sampleOf(const ItemAsset& asset) const {
  const auto found = m_samples.find(asset.name);
  return found == m_samples.end() ? nullptr : found->second;
}

const ArraySpec* ItemHeaders::specOf(const Item& item, const ItemAsset& asset) const {
  const auto found = m_specs.find(keyOf(item, asset));
  return found == m_specs.end() ? nullptr : found->second.get();
}

std::string itemDifference(const ItemAsset& said, const ItemAsset& read, bool& isGrave) {
  std::vector<std::string> differences;
  isGrave = false;
  if (said.grid && read.grid)
    if (const std::string what = gridDifference(*said.grid, *read.grid); !what.empty()) {
      differences.push_back("its grid is another: " + what);
      isGrave = true;
    }
  if (!said.bands.empty() && said.bands.size() != read.bands.size()) {
    differences.push_back("it has " + std::to_string(read.bands.size()) + " bands, not " + std::to_string(said.bands.size()));
    isGrave = true;
  }
  for (std::size_t i = 0; i < said.bands.size() && said.bands.size() == read.bands.size(); ++i) {
    const ItemBand &a = said.bands[i], &b = read.bands[i];
    if (a.type && b.type && *a.type != *b.type) {
      differences.push_back("its values are " + std::string(pixelTypeName(*b.type)) + ", not " + std::string(pixelTypeName(*a.type)));
      isGrave = true;
    }
    const auto number = [](const std::optional<double>& value) { return value ? formatNumber(*value) : std::string("none"); };
    if (a.nodata && !isSameNodata(a.nodata, b.nodata))
      differences.push_back("its nodata is " + number(b.nodata) + ", not " + number(a.nodata));
    const bool isScaled = a.scale.value_or(1) != b.scale.value_or(1) || a.offset.value_or(0) != b.offset.value_or(0);
    if (isScaled) {
      differences.push_back("its scale and offset are " + formatNumber(b.scale.value_or(1)) + " and " + formatNumber(b.offset.value_or(0)) +
                            ", not " + formatNumber(a.scale.value_or(1)) + " and " + formatNumber(a.offset.value_or(0)));
      isGrave = true;
    }
    if (!differences.empty()) break;
  }
  return join(differences, "; ");
}

}  // namespace cubeloom
