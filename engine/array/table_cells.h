// SPDX-License-Identifier: GPL-3.0-or-later
// What stands in the cells of a table: entries of dims and values, as text that reads back as it was.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// The name, ISO date or number of entry `i` of a dim; its index where it has none, empty where it is
/// unknown.
std::string entryCell(const Dim& dim, std::int64_t i);

/// Values of an array of real numbers: the shortest decimal that reads back as the value, nothing where there is none.
class ValueCells {
 public:
  explicit ValueCells(const ArraySpec& spec) : m_type(spec.type), m_nodata(spec.nodata) {}
  void append(const std::byte* element, std::string& to) const;
  /// NaN where there is none.
  double number(const std::byte* element) const;

 private:
  PixelType m_type;
  std::optional<double> m_nodata;
};

}  // namespace cubeloom
