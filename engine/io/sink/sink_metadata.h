// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of each band and of the whole array, in the words that files have for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/io/sink/sink_layout.h"

namespace cubeloom {

/// One band of an output.
struct BandFacts {
  std::string name;    ///< the labels of its place along the band dims, "496.5 nm", else ""
  std::string colour;  ///< Coordinate::colours'
  std::optional<double> wavelength, fwhm, good;
  std::optional<StoredScale> scale;
  /// The coordinate along each further band dim: ("time", "2022-02-24T00:00:00Z").
  std::vector<std::pair<std::string, std::string>> coordinates;
};
std::vector<BandFacts> bandFacts(const ArraySpec& spec, const RasterLayout& layout);

/// Whether the names along a dim are its coordinate: beside them are no numbers, or such as merely count them. Bands are numbered.
bool isNamed(const Dim& dim);

/// Whether an attribute would say of these values what held for those of the input, or when and by whom it was made.
bool isOfSource(std::string_view attribute);

/// CF's flag_values or flag_masks, which attributes hold as text; empty where they are no numbers of the array's type.
std::vector<double> flagNumbers(const ArraySpec& spec, const char* attribute);

/// The unit of BandFacts' wavelengths.
std::string wavelengthUnitOf(const ArraySpec& spec);

/// ENVI's word for a wavelength unit: "Nanometers", "Micrometers"; "Unknown" for others.
std::string wavelengthUnitName(const std::string& unit);

}  // namespace cubeloom
