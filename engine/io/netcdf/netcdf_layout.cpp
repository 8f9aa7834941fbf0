// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/netcdf/netcdf_layout.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/io/netcdf/netcdf_header.h"
#include "engine/io/sink/sink_layout.h"

namespace cubeloom {
namespace {

/// About 1 MiB of float32, which HDF5's own cache of a megabyte just holds: square tiles of one map, or 16 bands of smaller ones, so that
/// neither a map nor a spectrum reads much more than it needs.
constexpr std::int64_t kTile = 512, kTileWithBands = 128, kBands = 16;

std::vector<std::int64_t> chunkShape(const ArraySpec& spec) {
  const int spectral = spec.spectralDim();
  const auto count = static_cast<int>(spec.dims.size());
  const int y = spec.isSpatial() ? spec.yDim : count - 2, x = spec.isSpatial() ? spec.xDim : count - 1;
  const bool hasBands = spectral >= 0 && spectral != y && spectral != x && spec.dims[static_cast<std::size_t>(spectral)].size > 1;
  std::vector<std::int64_t> chunk;
  for (int d = 0; d < count; ++d) {
    const std::int64_t size = spec.dims[static_cast<std::size_t>(d)].size;
    std::int64_t side = 1;
    if (d == y || d == x) side = hasBands ? kTileWithBands : kTile;
    if (d == spectral && hasBands) side = kBands;
    chunk.push_back(std::min(side, size));
  }
  return chunk;
}

}  // namespace

std::size_t NetcdfLayout::chunkBytes(PixelType type) const {
  std::size_t bytes = pixelTypeBytes(type);
  for (const std::int64_t side : chunk) bytes *= static_cast<std::size_t>(side);
  return bytes;
}

Result<NetcdfLayout> netcdfLayout(const SinkRequest& request) {
  const ArraySpec& spec = request.spec;
  NetcdfLayout layout;
  const std::string compress = toLower(request.compress);
  if (!compress.empty() && compress != "none" && compress != "deflate")
    return invalidParameter("compress", "NetCDF files are not compressed with '" + request.compress + "': few readers could open them",
                            "use deflate or none");
  if (isComplex(spec.type))
    return invalidParameter("dtype", "NetCDF has no type for " + std::string(pixelTypeName(spec.type)), "write GeoTIFF, ENVI or Zarr");
  for (const Dim& dim : spec.dims)
    if (dim.name.empty() || dim.name.find('/') != std::string::npos || dim.name != trim(dim.name) || dim.name.size() > 200)
      return invalidParameter("input", "dim '" + dim.name + "' has a name that NetCDF does not allow", "rename it");
  layout.variables = outputVariables(request);
  for (const ArraySpec& variable : layout.variables.specs) layout.names.push_back(netcdfVariableName(variable));
  makeDifferent(layout.names);
  const SinkRequest one = requestOfOne(request, layout.variables);
  layout.isCompressed = compress != "none" && !one.spec.dims.empty();
  const std::vector<std::int64_t> asked = askedChunks(one);
  if (!layout.isCompressed && !asked.empty())
    return invalidParameter("chunks", "a NetCDF file without compression is one piece", "take compress=deflate, or leave chunks out");
  layout.chunk = layout.variables.chunkOf(!layout.isCompressed ? one.spec.shape() : asked.empty() ? chunkShape(one.spec) : asked);
  return layout;
}

}  // namespace cubeloom
