// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of each band and of the whole array, in the words that files have for it.
#pragma once

#include <map>
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

/// The coordinates of the whole array as text, by name: {"time", "2022-02-24T18:12:00Z"}, but for what BandFacts have. For formats that
/// have attributes alone.
std::map<std::string, std::string> placeTexts(const ArraySpec& spec);
/// What to say of coordinates along dims that `format` has no place for; "" when there are none.
std::string coordinatesLeftOut(const ArraySpec& spec, const std::string& format);

/// Whether an attribute would say of these values what held for those of the input, or when and by whom it was made.
bool isOfSource(std::string_view attribute);

/// CF's flag_values or flag_masks, which attributes hold as text; empty where they are no numbers of the array's type.
std::vector<double> flagNumbers(const ArraySpec& spec, const char* attribute);

/// What the numbers of classes are called, from 0 on: the source's names, else CF's flag_meanings. Empty where they have none.
std::vector<std::string> classNamesOf(const ArraySpec& spec);

/// The classes of an array as CF's attributes have them, of those that it has not as such: "flag_values", "flag_meanings" and, as land
/// cover products do, "flag_colors". Empty where it has no classes, or their numbers are bits.
struct ClassFlags {
  std::vector<double> values;
  std::map<std::string, std::string> texts;
};
ClassFlags classFlags(const ArraySpec& spec);

/// The unit of BandFacts' wavelengths.
std::string wavelengthUnitOf(const ArraySpec& spec);

/// ENVI's word for a wavelength unit: "Nanometers", "Micrometers"; "Unknown" for others.
std::string wavelengthUnitName(const std::string& unit);

}  // namespace cubeloom
