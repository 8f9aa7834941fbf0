// SPDX-License-Identifier: GPL-3.0-or-later
// ENVI header fields from an array's spec. Source of the format: NV5 (Harris), "ENVI Header Files".
#include "engine/io/envi_text.h"

#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/io/sink_metadata.h"
#include "engine/io/sink_template.h"

namespace cubeloom {
namespace {

/// ENVI has no quoting: what would end an item or the list is replaced.
std::string enviItem(std::string text) {
  for (char& c : text) {
    if (c == ',') c = ';';
    if (c == '{') c = '(';
    if (c == '}') c = ')';
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return text;
}

std::string field(const std::string& key, const std::string& value) { return key + " = " + value + "\n"; }
std::string listField(const std::string& key, const std::vector<std::string>& items) {
  return key + " = {\n " + join(items, ",\n ") + "}\n";
}

/// One list of numbers over all bands; empty when a band lacks its.
std::vector<std::string> numbers(const std::vector<BandFacts>& bands, std::optional<double> BandFacts::*member) {
  std::vector<std::string> items;
  for (const BandFacts& band : bands) {
    if (!(band.*member)) return {};
    items.push_back(formatNumber(*(band.*member)));
  }
  return items;
}

}  // namespace

EnviOrder enviOrder(const ArraySpec& spec, const RasterLayout& layout) {
  if (spec.dims.size() == 3 && layout.xDim == 2 && layout.yDim == 0) return {"bil", {0, 1, 2}};
  if (spec.dims.size() == 3 && layout.xDim == 1 && layout.yDim == 0) return {"bip", {0, 1, 2}};
  EnviOrder order{"bsq", layout.bandDims};
  if (layout.yDim >= 0) order.dims.push_back(layout.yDim);
  if (layout.xDim >= 0) order.dims.push_back(layout.xDim);
  return order;
}

int enviDataType(PixelType type) {
  constexpr std::array<int, 12> kCodes{1, 0, 12, 2, 13, 3, 15, 14, 4, 5, 6, 9};
  return kCodes[static_cast<std::size_t>(type)];
}

Result<std::string> enviHeaderText(const ArraySpec& spec, const RasterLayout& layout, const EnviOrder& order) {
  auto grid = enviGridLines(spec);
  if (!grid) return fail(std::move(grid.error()));
  std::string text = "ENVI\n";
  if (!spec.variable.empty()) text += field("description", "{" + enviItem(spec.variable) + "}");
  text += field("samples", std::to_string(layout.cols));
  text += field("lines", std::to_string(layout.rows));
  text += field("bands", std::to_string(layout.bands));
  text += field("header offset", "0");
  text += field("file type", "ENVI Standard");
  text += field("data type", std::to_string(enviDataType(spec.type)));
  text += field("interleave", order.interleave);
  text += field("byte order", "0");
  for (const std::string& line : *grid) text += line + "\n";
  if (spec.nodata) text += field("data ignore value", formatNumber(*spec.nodata));

  const std::vector<BandFacts> bands = bandFacts(spec, layout);
  if (const auto wavelengths = numbers(bands, &BandFacts::wavelength); !wavelengths.empty()) {
    const Dim& dim = spec.dims[static_cast<std::size_t>(spec.indexOf("wavelength"))];
    text += field("wavelength units", wavelengthUnitName(dim.coordinate.unit));
    text += listField("wavelength", wavelengths);
  }
  if (const auto fwhm = numbers(bands, &BandFacts::fwhm); !fwhm.empty()) text += listField("fwhm", fwhm);
  if (const auto good = numbers(bands, &BandFacts::good); !good.empty()) text += listField("bbl", good);
  if (spec.storedScale || spec.scaledDim() >= 0) {
    std::vector<std::string> gains, offsets;
    for (const BandFacts& band : bands) {
      gains.push_back(formatNumber(band.scale->factor));
      offsets.push_back(formatNumber(band.scale->offset));
    }
    text += listField("data gain values", gains);
    text += listField("data offset values", offsets);
  }
  if (std::any_of(bands.begin(), bands.end(), [](const BandFacts& band) { return !band.name.empty(); })) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < bands.size(); ++i)
      names.push_back(bands[i].name.empty() ? "Band " + std::to_string(i + 1) : enviItem(bands[i].name));
    text += listField("band names", names);
  }
  return text;
}

}  // namespace cubeloom
