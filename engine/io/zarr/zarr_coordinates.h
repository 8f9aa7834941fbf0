// SPDX-License-Identifier: GPL-3.0-or-later
// The coordinates of a Zarr hierarchy: 1-D arrays named as their dim, in the variable's group or one above.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <optional>
#include "engine/array/array_spec.h"
#include "engine/io/source/packed_values.h"
#include "engine/io/zarr/zarr_array.h"
#include "engine/io/zarr/zarr_grid.h"

namespace cubeloom {

/// The names in _ARRAY_DIMENSIONS; without usable ones the last two are "y" and "x", the others "dim_0", ... (and a note says so).
std::vector<std::string> zarrDimNames(const ZarrArray& array, std::vector<std::string>& notes);

/// One dim with all that is known of it.
struct ZarrAxis {
  Dim dim;
  AxisRole cfRole = AxisRole::None;
  std::vector<double> centres;  ///< numeric coordinate values as the file has them, metres where it says kilometres
  bool single = false;          ///< kept in float32
};

/// Reads coordinates once, however many variables share them.
class ZarrCoordinates {
 public:
  ZarrCoordinates(const ZarrStore& store, const std::map<std::string, ZarrArray>& arrays) : m_store(store), m_arrays(arrays) {}

  /// The array `name` as seen from the group `group` ("" or "group/"), nearest group first; null when there is none.
  const ZarrArray* find(const std::string& group, const std::string& name) const;
  /// The dim `name` of `size` as a variable in `group` sees it. What cannot be read is left out and noted.
  ZarrAxis axis(const std::string& group, const std::string& name, std::int64_t size, std::vector<std::string>& notes);

 private:
  ZarrAxis read(const ZarrArray& array, const std::string& group, const std::string& name, std::vector<std::string>& notes) const;
  void addAuxiliary(Coordinate& coordinate, const std::string& group, const std::string& dim, std::vector<std::string>& notes) const;

  const ZarrStore& m_store;
  const std::map<std::string, ZarrArray>& m_arrays;  ///< by folder
  std::map<std::string, std::pair<ZarrAxis, std::vector<std::string>>> m_read;
};

/// A number among attributes: 0.1, or a list of one. Nothing when absent or something else.
std::optional<double> attributeNumber(const nlohmann::json& attributes, const char* key);
/// A text among attributes, "" when absent or something else.
std::string attributeText(const nlohmann::json& attributes, const char* key);

/// How values of `array` are packed; nothing when they stand for themselves. `missing` is the stored element that means "no data".
std::optional<PackedValues> zarrPacking(const ZarrArray& array);
/// The stored element that means "no data", in this machine's order: _FillValue, fill_value or missing_value; empty when none is said.
std::vector<std::byte> zarrMissing(const ZarrArray& array);

}  // namespace cubeloom
