// SPDX-License-Identifier: GPL-3.0-or-later
// What the Zarr sink says of an array: its metadata and coordinates, as xarray and rioxarray write and read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/access/sink.h"
#include "engine/io/sink/output_variables.h"
#include "engine/io/zarr/zarr_codec.h"

namespace cubeloom {

/// Everything but the pixels, by key.
struct ZarrDocuments {
  std::vector<std::string> variables;                     ///< names of the data variables
  std::vector<std::string> dims;                          ///< names of their dims, as written
  std::vector<std::string> folders;                       ///< one per array
  std::map<std::string, std::vector<std::byte>> content;  ///< all but .zmetadata
  std::vector<std::byte> consolidated;                    ///< .zmetadata
  std::size_t bytes() const;
};

/// Chunks of about 8 MiB. Where the array comes from blocks (tiles, chunks), whole ones together, so that none is decoded twice; else one
/// index of each further dim, square areas (long low ones where the source stores lines), and as many bands as fit. Of the whole array: one
/// entry along a dim of variables.
std::vector<std::int64_t> zarrChunkShape(const SinkRequest& request, const OutputVariables& variables);

/// dtype in numpy's words, "<f4".
std::string zarrDtype(PixelType type);

/// The array, or each of its variables, under its name with dims, nodata, unit and attributes; a coordinate for each dim that has one:
/// pixel centres, wavelengths with fwhm and good, datetimes as CF times, labels as text; and "spatial_ref" with WKT and GeoTransform.
ZarrDocuments zarrDocuments(const SinkRequest& request, const OutputVariables& variables, const std::vector<std::int64_t>& chunk,
                            ZarrCompression compression);

}  // namespace cubeloom
