// SPDX-License-Identifier: GPL-3.0-or-later
// Headers as GDAL writes them: a one-pixel file in memory with the same grid, CRS, nodata and band facts, whose tags our own writers take
// over, so that GDAL's conventions hold to the letter.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/access/sink.h"
#include "engine/io/sink/sink_layout.h"

namespace cubeloom {

/// The bytes of a 1 x 1 classic little-endian GeoTIFF with all of the request's bands and metadata. InvalidParameter when the grid or CRS
/// has no form in GeoTIFF.
Result<std::vector<std::byte>> tiffTemplate(const SinkRequest& request, const RasterLayout& layout);

/// The lines "map info", "projection info" and "coordinate system string" of an ENVI header; none without a geobox. InvalidParameter when
/// ENVI cannot express the grid (sheared, or mirrored and rotated).
Result<std::vector<std::string>> enviGridLines(const ArraySpec& spec);

}  // namespace cubeloom
