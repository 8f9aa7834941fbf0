// SPDX-License-Identifier: GPL-3.0-or-later
// ArraySpec: all that is known of an array without its pixels.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/array/coordinate.h"
#include "engine/array/region.h"
#include "engine/base/pixel_type.h"
#include "engine/geo/geobox.h"

namespace cubeloom {

/// One named dim: "time", "wavelength", "band", "y", "x" or what the file calls it.
struct Dim {
  std::string name;
  std::int64_t size = 0;
  Coordinate coordinate;
};

/// Whether the names along a dim are its coordinate: beside them are no numbers, or such as merely count them. Bands are numbered.
bool isNamed(const Dim& dim);

/// How true values follow from stored ones: stored * factor + offset.
struct StoredScale {
  double factor = 1, offset = 0;
  bool operator==(const StoredScale&) const = default;
};

/// Where a file's storage units lie: what is cheap to read. Sizes in elements, one per dim.
struct StorageLayout {
  std::vector<std::int64_t> block;  ///< the unit that is read whole anyway
  std::vector<int> order;           ///< dims from the slowest to the fastest in the file; empty: as they are listed
  std::string name;                 ///< "BIL", "BSQ", "BIP", "tiles 512 x 512", "strips"
};

/// Immutable by habit: operations make new ones.
struct ArraySpec {
  std::vector<Dim> dims;
  PixelType type = PixelType::Float32;
  std::optional<double> nodata;  ///< unset: undeclared, a state of its own
  std::string unit;
  std::string variable;          ///< name of the array
  int yDim = -1, xDim = -1;      ///< which dims are tied to `geobox`; -1: no spatial pair
  std::optional<GeoBox> geobox;  ///< set exactly when both spatial dims are; its Crs may be unknown
  StorageLayout storage;         ///< natural unit of the source below, carried through where it keeps its meaning
  std::map<std::string, std::string> attributes;
  std::vector<AuxiliaryCoordinate> coordinates;  ///< beside those of the dims, each name once
  /// Set: values are as stored; the true ones, which `unit` is of, follow from this. Where the scale changes along a dim, that dim's
  /// coordinate has aux "scale" and "offset" instead.
  std::optional<StoredScale> storedScale;
  /// Red, green, blue and opacity of each class. Not empty: values are numbers of classes, and nothing lies between two of them.
  std::vector<std::array<std::uint8_t, 4>> classColours;
  std::vector<std::string> classNames;  ///< what the classes are called, by their numbers from 0; "" where one has no name

  std::vector<std::int64_t> shape() const;
  std::vector<std::string> dimNames() const;
  int indexOf(const std::string& dim) const;  ///< -1 when absent
  /// The spectral dim: "wavelength", else one with a coordinate in nm under a name of its own, else "band"; -1 when none.
  int spectralDim() const;
  std::int64_t count() const;
  double bytes() const;  ///< as double: specs may describe more than 2^63 bytes
  bool isSpatial() const { return yDim >= 0 && xDim >= 0; }
  /// The dim along which the scale of stored values changes; -1: none does.
  int scaledDim() const;
  /// The values are numbers of classes or flags, by colours, names or CF's flag_meanings: nothing lies between two of them.
  bool isClasses() const {
    return isInteger(type) && (!classColours.empty() || !classNames.empty() || attributes.contains("flag_meanings"));
  }
  /// The values are no numbers of classes any more.
  void forgetClasses();

  /// The spec of a selection: coordinates, geobox (when still regular) and sizes follow. A selection of y or x that is not a range
  /// loses the geobox.
  ArraySpec select(const Region& region) const;
  /// Dims in another order; `order[i]` is the old position of the new dim i.
  ArraySpec permuted(const std::vector<int>& order) const;
  /// Without dim `d`, and without what lies along it.
  ArraySpec withoutDim(int d) const;
  /// Without dim `d`, whose only entry becomes a coordinate of the whole array, as xarray has it: its number or name, and what stands
  /// beside it.
  ArraySpec squeezed(int d) const;
  /// Says of values along dim `d` that they are stored ones, one scale per index; one for all of them where they are equal, none where
  /// that changes nothing.
  void setStoredScales(int d, const std::vector<StoredScale>& scales);
  /// The values are no longer those of the source: scale, the unit that held with it, and classes no longer hold. Whether there was a
  /// scale.
  bool forgetStoredMeaning();
  /// The values are another quantity than the source's: its unit, its names, its limits and flags and how it was made of others no longer
  /// hold. Returns as forgetStoredMeaning().
  bool forgetQuantity();
  /// The coordinate of that name; null when there is none.
  const AuxiliaryCoordinate* coordinateNamed(const std::string& name) const;
  /// Adds a coordinate, in place of one of its name.
  void setCoordinate(AuxiliaryCoordinate coordinate);
  /// Leaves those out that lie along any of `names`; returns what they are called.
  std::vector<std::string> dropCoordinatesAlong(const std::vector<std::string>& names);
  /// Leaves those out that `other` has with other values: what holds of one of two arrays does not hold of their sum.
  void keepCommonCoordinates(const ArraySpec& other);
  /// Puts pixel-centre coordinates of `box` on the spatial dims.
  void setGeobox(const GeoBox& box);
};

/// The coordinate of a spatial dim from its geobox (pixel centres).
Coordinate spatialCoordinate(const GeoBox& box, bool vertical);

}  // namespace cubeloom
