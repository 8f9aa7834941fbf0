// SPDX-License-Identifier: GPL-3.0-or-later
// Wavelengths in nanometres from the units that headers and band metadata use.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// How a unit becomes nm: nm = value * factor, or factor / value for frequencies and wavenumbers.
struct WavelengthUnit {
  double factor = 1;
  bool inverse = false;
  double toNanometres(double value) const;
  /// A width (fwhm) given in the same unit, at `value`.
  double widthToNanometres(double width, double value) const;
};

/// "Nanometers", "nm", "Micrometers", "um", "Wavenumber", "GHz", ... ignoring case; nothing for "Index", "Unknown" and others.
std::optional<WavelengthUnit> wavelengthUnit(std::string_view name);

/// What a file says of its bands, as it says it. Empty vectors: not given; otherwise one per band.
struct BandSpectra {
  std::vector<double> wavelengths, fwhm, good;
  std::string unit;
};

/// The spectral dim: "wavelength" in nm when the wavelengths are usable, else "band" numbered from 1; `labels` on either, when there is one
/// per band. Says in `notes` what was assumed (undeclared units: nm above 100, else micrometres) or left out.
Dim spectralDim(std::int64_t bands, const BandSpectra& spectra, std::vector<std::string> labels, std::vector<std::string>& notes);

}  // namespace cubeloom
