// SPDX-License-Identifier: GPL-3.0-or-later
// A STAC item as a catalog's entry, its assets as the entries below.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/io/catalog/catalog_place.h"

namespace cubeloom {

/// Where an item is.
struct StacPlace {
  std::string file;    ///< of its own; empty for one of a list
  std::string folder;  ///< that its links are seen from
  std::string root;    ///< what they may not leave
};

/// The item itself is openable when one of its assets is plainly its data. An asset of whose values the item says more than its file may is
/// opened through the item.
CatalogEntry stacItem(const nlohmann::json& item, const StacPlace& at, const CatalogRules& rules);

/// Four or six finite numbers as west, south, east, north.
std::optional<std::array<double, 4>> stacBbox(const nlohmann::json& numbers);

/// "begin/end" with ".." for an end that is not there.
std::string stacInterval(const std::string& begin, const std::string& end);

}  // namespace cubeloom
