// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/wavelengths.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <utility>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// Twelve digits, so that 1.007 micrometres are 1007 nm and not 1006.9999999999999.
double rounded(double value) { return parseNumber(formatSignificant(value, 12)).value_or(value); }

bool usable(double value) { return std::isfinite(value) && value >= 0; }

}  // namespace

double WavelengthUnit::toNanometres(double value) const {
  if (!inverse) return factor == 1 ? value : rounded(value * factor);
  return value == 0 ? 0 : rounded(factor / value);
}

double WavelengthUnit::widthToNanometres(double width, double value) const {
  if (!inverse) return factor == 1 ? width : rounded(width * factor);
  return value == 0 ? 0 : rounded(factor / value * (width / value));
}

std::optional<WavelengthUnit> wavelengthUnit(std::string_view name) {
  constexpr double kLight = 299792458e9;  // nm/s
  struct Named {
    std::string_view name;
    WavelengthUnit unit;
  };
  static constexpr std::array<Named, 22> kUnits{{
      {"nanometer", {1, false}},     {"nm", {1, false}},
      {"micrometer", {1e3, false}},  {"micron", {1e3, false}},
      {"um", {1e3, false}},          {"\xC2\xB5m", {1e3, false}},
      {"\xCE\xBCm", {1e3, false}},   {"millimeter", {1e6, false}},
      {"mm", {1e6, false}},          {"centimeter", {1e7, false}},
      {"cm", {1e7, false}},          {"meter", {1e9, false}},
      {"m", {1e9, false}},           {"angstrom", {0.1, false}},
      {"wavenumber", {1e7, true}},   {"cm-1", {1e7, true}},
      {"1/cm", {1e7, true}},         {"thz", {kLight / 1e12, true}},
      {"ghz", {kLight / 1e9, true}}, {"mhz", {kLight / 1e6, true}},
      {"khz", {kLight / 1e3, true}}, {"hz", {kLight, true}},
  }};
  // "Micrometres", "Microns" and "micrometer" are one.
  std::string lower = toLower(trim(name));
  if (lower.size() > 2 && lower.ends_with('s')) lower.pop_back();
  if (lower.ends_with("metre")) lower.replace(lower.size() - 2, 2, "er");
  for (const Named& named : kUnits)
    if (lower == named.name) return named.unit;
  return std::nullopt;
}

namespace {

/// No sensor's: less than X-rays end at, or so much that another unit is meant.
void noteImplausible(const std::vector<double>& nanometres, const std::string& unit, std::vector<std::string>& notes) {
  constexpr double kShortest = 10, kLongestOptical = 1e5, kMillimetre = 1e6;
  const auto [low, high] = std::minmax_element(nanometres.begin(), nanometres.end());
  if (*high >= kShortest && !(*low > kLongestOptical && *low <= kMillimetre)) return;
  notes.push_back("check the wavelengths: with their unit \"" + unit + "\" they are " + formatSignificant(*low, 6) + " .. " +
                  formatSignificant(*high, 6) + " nm");
}

}  // namespace

Dim spectralDim(std::int64_t bands, const BandSpectra& spectra, std::vector<std::string> labels, std::vector<std::string>& notes) {
  const auto count = static_cast<std::size_t>(bands);
  const auto fits = [count, bands, &notes](const std::vector<double>& values, const char* what) {
    if (values.empty() || values.size() == count) return values.size() == count;
    notes.push_back(std::string(what) + " left out: " + std::to_string(values.size()) + " values for " + std::to_string(bands) + " bands");
    return false;
  };

  bool spectral = fits(spectra.wavelengths, "wavelengths");
  WavelengthUnit widthUnit;
  if (spectral && !std::all_of(spectra.wavelengths.begin(), spectra.wavelengths.end(), usable)) {
    notes.emplace_back("wavelengths left out: some are negative or not numbers");
    spectral = false;
  }
  WavelengthUnit unit;
  const std::string unitName = toLower(trim(spectra.unit));
  if (spectral && (unitName.empty() || unitName == "unknown")) {
    const bool nanometres = *std::max_element(spectra.wavelengths.begin(), spectra.wavelengths.end()) > 100;
    unit.factor = widthUnit.factor = nanometres ? 1 : 1e3;
    notes.emplace_back(nanometres ? "wavelength unit is not declared: nanometres assumed, as the values exceed 100"
                                  : "wavelength unit is not declared: micrometres assumed, as no value exceeds 100");
  } else if (spectral) {
    if (const auto known = wavelengthUnit(spectra.unit)) {
      unit = widthUnit = *known;
    } else {
      notes.push_back("wavelengths left out: their unit \"" + spectra.unit + "\" is not a length, wavenumber or frequency");
      spectral = false;
    }
  }

  Dim dim;
  dim.name = spectral ? "wavelength" : "band";
  dim.size = bands;
  Coordinate& c = dim.coordinate;
  if (spectral) {
    c.kind = Coordinate::Kind::Values;
    c.unit = "nm";
    for (const double value : spectra.wavelengths) c.values.push_back(unit.toNanometres(value));
    noteImplausible(c.values, spectra.unit, notes);
    if (fits(spectra.fwhm, "fwhm")) {
      // A band is never wider than its wavelength is long: such numbers are in another unit than the one assumed.
      if (!unit.inverse && unit.factor == 1e3 && count > 0 &&
          std::equal(spectra.fwhm.begin(), spectra.fwhm.end(), spectra.wavelengths.begin(), std::greater_equal<>())) {
        widthUnit.factor = 1;
        notes.emplace_back("fwhm is taken as nanometres: in the wavelengths' unit each band would be wider than its wavelength");
      }
      std::vector<double>& widths = c.aux["fwhm"];
      for (std::size_t i = 0; i < count; ++i) widths.push_back(widthUnit.widthToNanometres(spectra.fwhm[i], spectra.wavelengths[i]));
    }
  } else {
    c.kind = Coordinate::Kind::Regular;
    c.start = 1;
    c.unit = "1";
  }
  if (fits(spectra.good, "bad band list"))
    for (const double value : spectra.good) c.aux["good"].push_back(value != 0 ? 1 : 0);
  if (labels.size() == count) {
    c.labels = std::move(labels);
  } else if (!labels.empty()) {
    notes.push_back("band names left out: " + std::to_string(labels.size()) + " names for " + std::to_string(bands) + " bands");
  }
  return dim;
}

}  // namespace cubeloom
