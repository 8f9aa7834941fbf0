// SPDX-License-Identifier: GPL-3.0-or-later
// raster_facts.json in the data folder: what GDAL 3.6.2 says of the rasters beside it, as the truth a Source is held against.
#pragma once

#include <string>

#include "engine/access/source.h"

namespace cubeloom::test {

/// Compares size, type, geotransform, CRS, nodata, wavelengths, five pixels and the CRC-32 of bands with the facts of `file`
/// ("geotiff/x.tif"). Empty when all agree.
std::string factsProblem(Source& source, const std::string& dataFolder, const std::string& file);

}  // namespace cubeloom::test
