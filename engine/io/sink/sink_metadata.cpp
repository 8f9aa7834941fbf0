// SPDX-License-Identifier: GPL-3.0-or-later
// Band names and spectral facts from an array's coordinates.
#include "engine/io/sink/sink_metadata.h"

#include <set>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

std::string place(const Dim& dim, std::int64_t i) {
  const Coordinate& c = dim.coordinate;
  if (!c.labels.empty()) return c.labels[static_cast<std::size_t>(i)];
  if (c.kind == Coordinate::Kind::None) return {};
  return formatNumber(c.at(i));
}

std::optional<double> auxiliary(const Coordinate& c, const char* name, std::int64_t i) {
  const auto found = c.aux.find(name);
  if (found == c.aux.end()) return std::nullopt;
  return found->second[static_cast<std::size_t>(i)];
}

}  // namespace

std::vector<BandFacts> bandFacts(const ArraySpec& spec, const RasterLayout& layout) {
  std::vector<BandFacts> bands(static_cast<std::size_t>(layout.bands));
  for (std::int64_t band = 0; band < layout.bands; ++band) {
    BandFacts& facts = bands[static_cast<std::size_t>(band)];
    facts.scale = spec.storedScale;
    const std::vector<std::int64_t> index = layout.bandIndex(spec, band);
    std::vector<std::string> names;
    for (std::size_t d = 0; d < index.size(); ++d) {
      const Dim& dim = spec.dims[static_cast<std::size_t>(layout.bandDims[d])];
      const std::int64_t i = index[d];
      const Coordinate& c = dim.coordinate;
      const std::string where = place(dim, i);
      const bool isSpectral = dim.name == "wavelength" || c.unit == "nm";
      if (isSpectral && c.kind != Coordinate::Kind::None) {
        facts.wavelength = c.at(i);
        names.push_back(c.labels.empty() ? formatSignificant(c.at(i), 7) + " " + c.unit : where);
      } else if (!c.labels.empty() || dim.name != "band") {
        names.push_back(where);
      }
      if (!isSpectral && dim.name != "band" && !where.empty()) facts.coordinates.emplace_back(dim.name, where);
      if (!c.colours.empty()) facts.colour = c.colours[static_cast<std::size_t>(i)];
      if (!facts.fwhm) facts.fwhm = auxiliary(c, "fwhm", i);
      if (!facts.good) facts.good = auxiliary(c, "good", i);
      const auto factor = auxiliary(c, "scale", i), offset = auxiliary(c, "offset", i);
      if (factor && offset) facts.scale = {*factor, *offset};
    }
    for (const std::string& name : names) {
      if (name.empty()) continue;
      facts.name += (facts.name.empty() ? "" : ", ") + std::string(trim(name));
    }
  }
  // What was the place of a band that was taken alone is that of all.
  const auto only = [&spec](const char* name) {
    const AuxiliaryCoordinate* one = spec.coordinateNamed(name);
    return one != nullptr && one->dims.empty() ? one : nullptr;
  };
  const auto number = [&only](const char* name) -> std::optional<double> {
    const AuxiliaryCoordinate* one = only(name);
    return one == nullptr || one->values->kind == Coordinate::Kind::None ? std::nullopt : std::optional(one->values->at(0));
  };
  const bool isSpectral = only("wavelength") != nullptr && wavelengthUnitName(only("wavelength")->values->unit) != "Unknown";
  for (BandFacts& band : bands) {
    if (!band.wavelength && isSpectral) band.wavelength = number("wavelength");
    if (!band.fwhm) band.fwhm = number("fwhm");
    if (!band.good) band.good = number("good");
  }
  for (const char* name : {"wavelength_name", "band_name"})
    if (bands.size() == 1 && bands[0].name.empty() && only(name) != nullptr) bands[0].name = only(name)->text();
  return bands;
}

std::map<std::string, std::string> placeTexts(const ArraySpec& spec) {
  std::map<std::string, std::string> texts;
  for (const AuxiliaryCoordinate& one : spec.coordinates)
    if (const std::string text = one.dims.empty() ? one.text() : ""; !text.empty() && one.name != "fwhm" && one.name != "good")
      texts[one.name] = text;  // those are said of each band
  return texts;
}

std::string coordinatesLeftOut(const ArraySpec& spec, const std::string& format) {
  std::vector<std::string> names;
  for (const AuxiliaryCoordinate& one : spec.coordinates)
    if (!one.dims.empty()) names.push_back(one.name + " (" + join(one.dims, ", ") + ")");
  if (names.empty()) return {};
  return "the coordinates " + join(names, ", ") + " are left out: " + format + " has no place for them, NetCDF and Zarr do";
}

bool isOfSource(std::string_view attribute) {
  static const std::set<std::string_view> kAttributes{"_FillValue",
                                                      "missing_value",
                                                      "scale_factor",
                                                      "add_offset",
                                                      "units",
                                                      "grid_mapping",
                                                      "coordinates",
                                                      "valid_range",
                                                      "valid_min",
                                                      "valid_max",
                                                      "_Unsigned",
                                                      "history",
                                                      "History",
                                                      "Conventions",
                                                      "crs",
                                                      "spatial_ref",
                                                      "transform",
                                                      "res",
                                                      "is_tiled",
                                                      "nodata",
                                                      "bounds",
                                                      "ancillary_variables",
                                                      "cell_measures",
                                                      "formula_terms",
                                                      "actual_range",
                                                      "flag_values",
                                                      "flag_masks",
                                                      "calendar",
                                                      "DIMENSION_LIST",
                                                      "REFERENCE_LIST",
                                                      "CLASS",
                                                      "NAME"};
  return kAttributes.contains(attribute);
}

std::vector<double> flagNumbers(const ArraySpec& spec, const char* attribute) {
  const auto found = spec.attributes.find(attribute);
  if (found == spec.attributes.end() || !isInteger(spec.type)) return {};
  std::vector<double> numbers;
  for (const std::string& entry : split(found->second, found->second.find(',') == std::string::npos ? ' ' : ',')) {
    if (trim(entry).empty()) continue;
    const auto number = parseNumber(trim(entry));
    if (!number || !canHold(spec.type, *number)) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

std::vector<std::string> classNamesOf(const ArraySpec& spec) {
  constexpr double kMostClasses = 65536;
  if (!isInteger(spec.type)) return {};
  if (!spec.classNames.empty()) return spec.classNames;
  const auto meanings = spec.attributes.find("flag_meanings");
  if (meanings == spec.attributes.end() || spec.attributes.contains("flag_masks")) return {};
  std::vector<std::string> words;
  for (const std::string& word : split(meanings->second, ' '))
    if (const std::string_view name = trim(word); !name.empty()) words.emplace_back(name);
  const std::vector<double> numbers = flagNumbers(spec, "flag_values");
  if (numbers.size() != words.size()) return {};
  std::vector<std::string> names;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] < 0 || numbers[i] >= kMostClasses) return {};
    const auto number = static_cast<std::size_t>(numbers[i]);
    if (names.size() <= number) names.resize(number + 1);
    names[number] = words[i];
  }
  return names;
}

ClassFlags classFlags(const ArraySpec& spec) {
  constexpr std::size_t kMostColours = 256;
  ClassFlags flags;
  if (!isInteger(spec.type) || spec.attributes.contains("flag_masks")) return flags;
  const std::vector<std::string>& names = spec.classNames;
  auto colours = spec.classColours;
  while (!colours.empty() && colours.back() == std::array<std::uint8_t, 4>{0, 0, 0, 255}) colours.pop_back();  // what fills a palette up
  if (colours.size() > kMostColours) colours.clear();
  flags.values = flagNumbers(spec, "flag_values");
  if (flags.values.empty()) {
    std::vector<std::string> words;
    for (std::size_t i = 0; i < std::max(names.size(), names.empty() ? colours.size() : 0); ++i) {
      if (!canHold(spec.type, static_cast<double>(i)) || (!names.empty() && trim(names[i]).empty())) continue;
      flags.values.push_back(static_cast<double>(i));
      if (names.empty()) continue;
      std::string word(trim(names[i]));
      std::replace(word.begin(), word.end(), ' ', '_');  // blanks part the words
      words.push_back(word);
    }
    if (!words.empty()) flags.texts["flag_meanings"] = join(words, " ");
  }
  if (colours.empty() || flags.values.empty()) return flags;
  std::vector<std::string> hex;
  for (const double value : flags.values) {
    std::array<std::uint8_t, 4> colour{0, 0, 0, 255};
    if (value >= 0 && value < static_cast<double>(colours.size())) colour = colours[static_cast<std::size_t>(value)];
    std::string& word = hex.emplace_back("#");
    for (std::size_t i = 0; i < (colour[3] == 255 ? 3U : 4U); ++i)
      for (const int digit : {colour[i] / 16, colour[i] % 16}) word += "0123456789abcdef"[digit];
  }
  flags.texts["flag_colors"] = join(hex, " ");
  return flags;
}

std::string wavelengthUnitOf(const ArraySpec& spec) {
  const int d = spec.spectralDim();
  const AuxiliaryCoordinate* only = spec.coordinateNamed("wavelength");
  if (d >= 0 && spec.dims[static_cast<std::size_t>(d)].name != "band") only = nullptr;
  if (only != nullptr && only->dims.empty()) return only->values->unit;
  return d < 0 ? std::string() : spec.dims[static_cast<std::size_t>(d)].coordinate.unit;
}

std::string wavelengthUnitName(const std::string& unit) {
  if (unit == "nm") return "Nanometers";
  if (unit == "um" || unit == "\u00b5m" || unit == "\u03bcm") return "Micrometers";
  return "Unknown";
}

}  // namespace cubeloom
