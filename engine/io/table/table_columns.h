// SPDX-License-Identifier: GPL-3.0-or-later
// What the tables have in common: the formats that hold a small array with a line for each zone or point.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/access/sink.h"

namespace cubeloom {

/// InvalidParameter: complex values, or more of them than any program opens as a table. `what`: "a table", "a GeoJSON file".
Result<void> checkTable(const SinkRequest& request, const std::string& what);

/// What a value of a line is called: by its place along the dims beside that of the lines, the last one fastest. No name twice.
struct ValueColumns {
  std::vector<std::string> names;
  std::vector<std::int64_t> offsets;  ///< in bytes of a block
};
ValueColumns valueColumns(const ArraySpec& spec, int lineDim, const std::vector<std::int64_t>& strides);

/// Coordinates beside the dim of the lines, along it alone: columns, too.
std::vector<const AuxiliaryCoordinate*> coordinatesOfLines(const ArraySpec& spec, int lineDim);

}  // namespace cubeloom
