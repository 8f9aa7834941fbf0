// SPDX-License-Identifier: GPL-3.0-or-later
// What the entries along a dim, and single pixels, are in the world: numbers with a unit, dates, names.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/index_set.h"
#include "engine/base/pixel_type.h"

namespace cubeloom {

/// The coordinate along one dim (CF's and xarray's sense). Empty `values`: regular, `start + i * step`, or none at all.
struct Coordinate {
  enum class Kind { None, Regular, Values };
  Kind kind = Kind::None;
  double start = 0, step = 1;
  std::vector<double> values;        ///< datetimes as seconds since 1970-01-01T00:00:00 UTC
  std::vector<std::string> labels;   ///< band names, ISO datetimes; empty or one per index
  std::string unit;                  ///< "nm", "metre", "degree", "datetime", "1"
  std::vector<std::string> colours;  ///< what each band is in a picture: "red", "green", "blue", "alpha", or ""; empty or one per index
  /// Further numbers per index: "fwhm" (nm), "good" (1 good, 0 bad: ENVI's bbl), "scale" and "offset" (see ArraySpec::storedScale).
  std::map<std::string, std::vector<double>> aux;
  PixelType type = PixelType::Float64;            ///< of the numbers in their file: what outputs have them in, where it holds them
  std::map<std::string, std::string> attributes;  ///< what a file says of them beside the unit: "long_name", "positive"

  double at(std::int64_t i) const {
    return kind == Kind::Values ? values[static_cast<std::size_t>(i)] : start + static_cast<double>(i) * step;
  }
  Coordinate select(const IndexSet& indices) const;
  /// The type that outputs have these numbers in: `type` where it holds each of them exactly, else float64.
  PixelType exactType(std::int64_t count) const;
};

/// A coordinate beside the dims' own: the one time or height of the whole array, longitudes and latitudes per pixel.
struct AuxiliaryCoordinate {
  std::string name;
  std::vector<std::string> dims;             ///< of the array's dims, the last one fastest; empty: one value
  std::shared_ptr<const Coordinate> values;  ///< an entry per element: numbers (Kind::Values), or names alone; never null
  /// How many elements there are.
  std::int64_t count() const;
  bool isSameAs(const AuxiliaryCoordinate& other) const;
  /// Of one value: "2022-02-24T18:12:00Z", "865 nm", "red"; "" when it says nothing.
  std::string text() const;
};

}  // namespace cubeloom
