// SPDX-License-Identifier: GPL-3.0-or-later
// ENVI header fields from an array's spec. Source of the format: NV5 (Harris), "ENVI Header Files".
#include "engine/io/envi/envi_text.h"

#include <algorithm>
#include <array>
#include <set>

#include "engine/base/text.h"
#include "engine/io/envi/envi_header.h"
#include "engine/io/gdal/sink_template.h"
#include "engine/io/sink/sink_metadata.h"

namespace cubeloom {
namespace {

/// GDAL reads no header on beyond a line of some 10,000 characters.
constexpr std::size_t kMostValueBytes = 4096;

/// ENVI has no quoting: what would end a list is replaced.
std::string enviText(std::string text) {
  for (char& c : text) {
    if (c == '{') c = '(';
    if (c == '}') c = ')';
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  return text;
}

/// What would end an item, too.
std::string enviItem(std::string text) {
  std::replace(text.begin(), text.end(), ',', ';');
  return enviText(std::move(text));
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

/// Fields that hold for the file they come from alone: for its bands, their order and range, its area, or its compression.
bool isOfOneFile(std::string_view key) {
  static const std::set<std::string_view> kKeys{"class lookup",
                                                "class names",
                                                "classes",
                                                "complex function",
                                                "data gain values",
                                                "data offset values",
                                                "data reflectance gain values",
                                                "data reflectance offset values",
                                                "default bands",
                                                "default stretch",
                                                "dem band",
                                                "dem file",
                                                "file compression",
                                                "geo points",
                                                "major frame offsets",
                                                "minor frame offsets",
                                                "pixel size",
                                                "plot titles",
                                                "projection info",
                                                "rpc info",
                                                "solar irradiance",
                                                "spectra names",
                                                "timestamp",
                                                "x start",
                                                "y start",
                                                "z plot average",
                                                "z plot range",
                                                "z plot titles"};
  return kKeys.contains(key);
}

/// Number, colours and names of the classes; without a name for each they are numbered.
std::string classFields(const ArraySpec& spec) {
  constexpr const char* kNames = "class names";
  const std::vector<std::string> given = classNamesOf(spec);
  const std::size_t classes = std::max(spec.classColours.size(), given.size());
  std::vector<std::string> colours, names;
  for (const auto& [red, green, blue, opacity] : spec.classColours)
    colours.push_back(std::to_string(red) + ", " + std::to_string(green) + ", " + std::to_string(blue));
  for (std::size_t i = 0; i < classes; ++i)
    names.push_back(i < given.size() && !given[i].empty() ? enviItem(given[i]) : "Class " + std::to_string(i));
  return field("classes", std::to_string(classes)) + (colours.empty() ? std::string() : listField("class lookup", colours)) +
         listField(kNames, names);
}

/// What is said of the scene: acquisition time, sensor type, cloud cover, and whatever else a source said. A field of another name than
/// ENVI's are made of would not be read back.
std::string attributeFields(const ArraySpec& spec) {
  constexpr std::size_t kMostKeyBytes = 64;
  constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyz0123456789 _-.";
  std::string text;
  std::set<std::string> written{"description"};
  std::map<std::string, std::string> all = placeTexts(spec);
  all.insert(spec.attributes.begin(), spec.attributes.end());
  for (const auto& [name, value] : all) {
    const std::string key = toLower(trim(name));
    const bool isPlain = !key.empty() && key.size() <= kMostKeyBytes && key.front() >= 'a' && key.front() <= 'z' &&
                         key.find_first_not_of(kPlain) == std::string::npos;
    const bool holds = !isOfSource(name) && !isEnviLayoutKey(key) && !isOfOneFile(key);
    const bool isValue = !trim(value).empty() && value.size() <= kMostValueBytes;
    if (!isPlain || !holds || !isValue || !written.insert(key).second) continue;
    text += field(key, value.find(',') == std::string::npos ? enviText(value) : "{" + enviText(value) + "}");
  }
  return text;
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
  const auto described = spec.attributes.find("description");
  const std::string description = described != spec.attributes.end() ? described->second : spec.variable;
  if (!description.empty()) text += field("description", "{" + enviText(description.substr(0, kMostValueBytes)) + "}");
  text += field("samples", std::to_string(layout.cols));
  text += field("lines", std::to_string(layout.rows));
  text += field("bands", std::to_string(layout.bands));
  text += field("header offset", "0");
  const bool isClasses = layout.bands == 1 && isInteger(spec.type) && (!spec.classColours.empty() || !classNamesOf(spec).empty());
  text += field("file type", isClasses ? "ENVI Classification" : "ENVI Standard");
  text += field("data type", std::to_string(enviDataType(spec.type)));
  text += field("interleave", order.interleave);
  text += field("byte order", "0");
  for (const std::string& line : *grid) text += line + "\n";
  if (spec.nodata) text += field("data ignore value", formatNumber(*spec.nodata));

  const std::vector<BandFacts> bands = bandFacts(spec, layout);
  if (const auto wavelengths = numbers(bands, &BandFacts::wavelength); !wavelengths.empty()) {
    text += field("wavelength units", wavelengthUnitName(wavelengthUnitOf(spec)));
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
  if (isClasses) text += classFields(spec);
  text += attributeFields(spec);
  return text;
}

}  // namespace cubeloom
