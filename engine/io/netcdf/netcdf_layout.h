// SPDX-License-Identifier: GPL-3.0-or-later
// How an array lies in a NetCDF-4 file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/access/sink.h"
#include "engine/io/sink/output_variables.h"

namespace cubeloom {

struct NetcdfLayout {
  bool isCompressed = true;         ///< chunks, shuffled and deflated; else one dense piece
  std::vector<std::int64_t> chunk;  ///< elements per dim; the whole array, or variable, when not compressed
  OutputVariables variables;
  std::vector<std::string> names;  ///< of the variables, in the file
  std::size_t chunkBytes(PixelType type) const;
};

/// InvalidParameter on `compress` (zstd and lzw are not what every NetCDF reader has), `dtype` (complex) or `input` (names of dims that a
/// NetCDF file cannot have).
Result<NetcdfLayout> netcdfLayout(const SinkRequest& request);

}  // namespace cubeloom
