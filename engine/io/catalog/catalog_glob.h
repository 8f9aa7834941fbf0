// SPDX-License-Identifier: GPL-3.0-or-later
// File names with wildcards (*.tif) and with fields (scene_{date}.tif), as catalogs write them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

bool hasWildcard(const std::string& path);
/// Whether `path` has a field in braces, "{color}" or "{date:%Y%m%d}".
bool hasField(const std::string& path);
/// "little_{color}.tif" -> "little_*.tif".
std::string fieldsAsWildcards(const std::string& pattern);

/// What the fields of `pattern` are in `path`; empty when it does not fit. A field takes as little as it can and no "/".
std::map<std::string, std::string> fieldsOf(const std::string& pattern, const std::string& path);

/// The files that an absolute path with wildcards (*, ?, [abc], in any part of it) names, sorted. OpenFailed: "**", or more than 10,000
/// matches or 200,000 names looked at.
Result<std::vector<std::string>> filesMatching(const std::string& pattern);

}  // namespace cubeloom
