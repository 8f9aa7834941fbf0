// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/cf/cf_spectral.h"

#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/io/source/wavelengths.h"

namespace cubeloom {
namespace {

using Notes = std::vector<std::string>;

/// Whether a variable along `dim` holds the wavelengths, wavenumbers or frequencies of its bands; 0: surely, more: less so, none: not.
std::optional<int> wavelengthKind(const StoredVariable& v, const std::string& dim) {
  static constexpr std::array kStandardNames{"radiation_wavelength", "sensor_band_central_radiation_wavelength",
                                             "sensor_band_central_radiation_wavenumber", "radiation_frequency"};
  static constexpr std::array kNames{"wavelength",        "wavelengths",        "radiation_wavelength", "center_wavelengths",
                                     "center_wavelength", "central_wavelength", "central_wavelengths"};
  const std::string standard = toLower(trim(v.text("standard_name"))), name = toLower(v.name);
  if (std::find(kStandardNames.begin(), kStandardNames.end(), standard) != kStandardNames.end()) return 0;
  if (std::find(kNames.begin(), kNames.end(), name) != kNames.end()) return 1;
  const std::string unit(trim(v.text("units")));
  if (!unit.empty() && !wavelengthUnit(unit)) return std::nullopt;
  const bool isOfDim = v.name == dim && name.starts_with("wavelength");
  return isOfDim || name.ends_with("_wavelength") || name.ends_with("_wavelengths") ? std::optional(2) : std::nullopt;
}

/// Wavelengths of dims of one name and size in groups beside each other may be those of another sensor.
bool allAgree(CfVariables& variables, const std::vector<std::size_t>& found) {
  return std::all_of(found.begin(), found.end(), [&](std::size_t other) {
    return variables.numbers(other) == variables.numbers(found.front()) &&
           variables.at(other).text("units") == variables.at(found.front()).text("units");
  });
}

std::optional<std::size_t> wavelengthsAlong(CfVariables& variables, const std::string& group, const Dim& dim, Notes& notes) {
  std::vector<std::size_t> best;
  std::pair<std::size_t, int> bestRank;
  for (const std::size_t found : variables.allAlong(dim.name, dim.size)) {
    const auto kind = wavelengthKind(variables.at(found), dim.name);
    if (!kind) continue;
    const std::pair rank(CfVariables::groupsApart(group, variables.at(found).group), *kind);
    if (best.empty() || rank < bestRank) {
      best = {found};
      bestRank = rank;
    } else if (rank == bestRank) {
      best.push_back(found);
    }
  }
  if (best.empty()) return std::nullopt;
  if (allAgree(variables, best)) return best.front();
  notes.push_back("wavelengths left out: \"" + variables.at(best[0]).path() + "\" and \"" + variables.at(best[1]).path() + "\" along \"" +
                  dim.name + "\" differ");
  return std::nullopt;
}

std::optional<std::size_t> goodAlong(const CfVariables& variables, const std::string& group, const Dim& dim) {
  return variables.along(dim.name, dim.size, {"good_wavelengths", "good", "bbl", "good_bands"}, group);
}

/// "fwhm", or named as the wavelengths are: SWIR_bandpass beside SWIR_wavelength.
std::optional<std::size_t> fwhmAlong(const CfVariables& variables, const std::string& group, const Dim& dim,
                                     const std::string& wavelengths) {
  std::vector<std::string> names{"fwhm"};
  const std::string lower = toLower(wavelengths);
  if (const std::size_t at = lower.find("wavelength"); at != std::string::npos) {
    std::string rest = lower.substr(at + std::string_view("wavelength").size());
    if (rest.starts_with('s')) rest.erase(0, 1);
    for (const char* width : {"fwhm", "bandpass", "bandwidth"}) names.push_back(lower.substr(0, at) + width + rest);
  }
  return variables.along(dim.name, dim.size, names, group);
}

/// Widths in the unit of the wavelengths, where their own is another length.
std::vector<double> widthsIn(CfVariables& variables, const std::string& unit, std::size_t fwhm) {
  std::vector<double> widths = variables.numbers(fwhm);
  const auto own = wavelengthUnit(variables.at(fwhm).text("units")), wanted = wavelengthUnit(unit);
  if (own && wanted && !own->inverse && !wanted->inverse && own->factor != wanted->factor)
    for (double& width : widths) width *= own->factor / wanted->factor;
  return widths;
}

}  // namespace

bool setWavelengths(CfVariables& variables, const std::string& group, Dim& dim, std::vector<std::string>& notes) {
  const auto found = wavelengthsAlong(variables, group, dim, notes);
  if (!found) return false;
  const StoredVariable& variable = variables.at(*found);
  BandSpectra spectra;
  spectra.wavelengths = variables.numbers(*found);
  spectra.unit = variable.text("units");
  if (spectra.wavelengths.empty()) return false;
  if (const auto fwhm = fwhmAlong(variables, variable.group, dim, variable.name)) spectra.fwhm = widthsIn(variables, spectra.unit, *fwhm);
  if (const auto good = goodAlong(variables, variable.group, dim)) spectra.good = variables.numbers(*good);
  Dim spectral = spectralDim(dim.size, spectra, {}, notes);
  if (spectral.name != "wavelength") return false;
  dim.coordinate = std::move(spectral.coordinate);
  return true;
}

void setBesideWavelengths(CfVariables& variables, const std::string& group, Dim& dim) {
  const auto add = [&](const char* name, std::optional<std::size_t> found) {
    if (found && !variables.numbers(*found).empty()) dim.coordinate.aux[name] = variables.numbers(*found);
  };
  add("fwhm", fwhmAlong(variables, group, dim, ""));
  add("good", goodAlong(variables, group, dim));
}

}  // namespace cubeloom
