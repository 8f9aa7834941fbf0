// SPDX-License-Identifier: GPL-3.0-or-later
// What STAC says of the raster of an asset: where its pixels lie (projection extension), what its bands are (raster, eo, bands of 1.1).
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/access/items.h"

namespace cubeloom {

/// Coordinate systems by what items call them: the same few for thousands.
using StacSystems = std::map<std::string, Crs>;

/// One asset of an item, of whose `properties` what it does not say itself holds. What is said wrongly is taken as not said.
ItemAsset stacAsset(const std::string& name, const nlohmann::json& asset, const nlohmann::json& properties, StacSystems& systems);

}  // namespace cubeloom
