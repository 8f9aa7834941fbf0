// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/table/table_columns.h"

#include <set>

#include "engine/array/table_cells.h"
#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr double kMostValues = 20e6;  // of a file that opens somewhere

}  // namespace

Result<void> checkTable(const SinkRequest& request, const std::string& what) {
  const ArraySpec& spec = request.spec;
  if (isComplex(spec.type))
    return invalidParameter("dtype", what + " holds real numbers, not " + std::string(pixelTypeName(spec.type)), "write NetCDF or Zarr");
  if (static_cast<double>(spec.count()) > kMostValues)
    return invalidParameter(
        "format",
        formatCount(spec.count()) + " values; " + what + " holds " + formatCount(static_cast<std::int64_t>(kMostValues)) + " at most",
        "reduce or select before, or write NetCDF or Zarr");
  return {};
}

ValueColumns valueColumns(const ArraySpec& spec, int lineDim, const std::vector<std::int64_t>& strides) {
  ValueColumns all{{""}, {0}};
  for (std::size_t d = 0; d < spec.dims.size(); ++d) {
    if (static_cast<int>(d) == lineDim) continue;
    const Dim& dim = spec.dims[d];
    ValueColumns longer;
    for (std::size_t k = 0; k < all.names.size(); ++k)
      for (std::int64_t i = 0; i < dim.size; ++i) {
        longer.names.push_back(all.names[k] + (all.names[k].empty() ? "" : "_") + entryCell(dim, i));
        longer.offsets.push_back(all.offsets[k] + i * strides[d]);
      }
    all = std::move(longer);
  }
  std::set<std::string> seen;
  for (std::size_t k = 0; k < all.names.size(); ++k) {
    std::string& name = all.names[k];
    if (name.empty()) name = spec.variable.empty() ? "value" : spec.variable;
    if (!seen.insert(name).second) seen.insert(name += "_" + std::to_string(k + 1));
  }
  return all;
}

std::vector<const AuxiliaryCoordinate*> coordinatesOfLines(const ArraySpec& spec, int lineDim) {
  std::vector<const AuxiliaryCoordinate*> all;
  for (const AuxiliaryCoordinate& beside : spec.coordinates)
    if (beside.dims == std::vector<std::string>{spec.dims[static_cast<std::size_t>(lineDim)].name}) all.push_back(&beside);
  return all;
}

}  // namespace cubeloom
