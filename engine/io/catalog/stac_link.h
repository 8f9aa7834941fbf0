// SPDX-License-Identifier: GPL-3.0-or-later
// Links between STAC files, and the folder that they may not leave.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/io/catalog/catalog_place.h"

namespace cubeloom {

struct StacLink {
  std::string rel, title;
  Place place;
};

/// The text under `key` of an object; empty when it is none.
std::string textAt(const nlohmann::json& object, const char* key);

/// The links of the file `path`, in its order.
std::vector<StacLink> stacLinks(const nlohmann::json& document, const std::string& path);

/// The folder that a file lies in.
std::string stacFolder(const std::string& path);

/// The folder that the links of `path` may not leave: its own, or that of a catalog above which itself links down to it, and so on upwards.
/// A file alone thus never widens it, whatever its "root" says.
std::string stacRoot(const nlohmann::json& document, const std::string& path);

}  // namespace cubeloom
