// SPDX-License-Identifier: GPL-3.0-or-later
// What STAC says of an asset's values: the raster extension's raster:bands, and bands of STAC 1.1.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/array/array_spec.h"

namespace cubeloom {

struct StacBand {
  std::optional<double> scale, offset, nodata;
  std::string unit;
  bool saysNothing() const { return !scale && !offset && !nodata && unit.empty(); }
};

/// One per band as the asset lists them; empty when it says nothing of values.
std::vector<StacBand> stacBands(const nlohmann::json& asset);

/// Puts into `spec` what it lacks, and says in `notes` what is taken, and what is not. `isDecoded`: the reader has applied the file's own
/// scale.
void applyStacBands(const std::vector<StacBand>& bands, bool isDecoded, ArraySpec& spec, std::vector<std::string>& notes);

}  // namespace cubeloom
