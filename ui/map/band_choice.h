// SPDX-License-Identifier: GPL-3.0-or-later
// Which bands the picture shows, said so that it holds for both sides of a comparison: by wavelength where there are any.
#pragma once

#include <QString>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/array/array_spec.h"

namespace cubeloom {

struct BandChoice {
  enum class Kind { Default, Composite, Single, Picked };
  Kind kind = Kind::Default;
  std::array<double, 3> wavelengths{};  ///< nm, for Composite
  std::vector<std::int64_t> bands;      ///< 0-based: 1 for Single, 3 for Picked; of the array `wavelengthsOfBands` was read from
  std::vector<double> wavelengthsOfBands;
  std::string colorMap;  ///< for one band; "": as the array says, see colorMapOf()
  bool operator==(const BandChoice&) const = default;
};

/// The colour map of an array's own classes.
inline constexpr const char* kClassColours = "classes";

BandChoice trueColour();
BandChoice colourInfrared();
BandChoice shortWave();
/// One band of `spec` through a colour map; `band` is clamped to what is there.
BandChoice singleBand(const ArraySpec& spec, std::int64_t band, const std::string& colorMap);
BandChoice pickedBands(const ArraySpec& spec, const std::vector<std::int64_t>& bands);

/// Indices along the spectral dim of `spec`: 1 or 3.
std::vector<std::int64_t> bandsOf(const ArraySpec& spec, const BandChoice& choice);
/// The name of the map that one band goes through: the chosen one, else the classes' own colours where `spec` has them, else viridis.
std::string colorMapOf(const ArraySpec& spec, const BandChoice& choice);
/// Number of bands; 1 without a spectral dim.
std::int64_t bandCount(const ArraySpec& spec);
/// Wavelengths in nm along the spectral dim; empty when it has none.
std::vector<double> wavelengthsOf(const ArraySpec& spec);
/// "RGB 863 · 650 · 560 nm", "863 nm · band 98", "RGB bands 3 · 2 · 1".
QString bandsLabel(const ArraySpec& spec, const BandChoice& choice);

}  // namespace cubeloom
