// SPDX-License-Identifier: GPL-3.0-or-later
// Grids of HDF-EOS5, whose place and projection stand in a text of the file: NASA's VIIRS, AMSR and SMAP products.
// https://www.earthdata.nasa.gov/s3fs-public/imported/EEB_HDF-EOS5_Users_Guide.pdf; projections by the numbers of USGS' GCTP.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/geo/geobox.h"

namespace cubeloom {

/// One grid of StructMetadata.
struct HdfEosGrid {
  std::string name;
  std::int64_t rows = 0, cols = 0;
  std::optional<Affine> affine;                            ///< unset: its corners are not told
  Crs crs;                                                 ///< invalid: not told, or not understood
  std::map<std::string, std::vector<std::string>> fields;  ///< the dims of each
  std::vector<std::string> notes;
};

/// The grids that the text of StructMetadata describes.
std::vector<HdfEosGrid> hdfEosGrids(const std::string& structure);

}  // namespace cubeloom
