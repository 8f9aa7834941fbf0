// SPDX-License-Identifier: GPL-3.0-or-later
// JSON files of others: what one is by its first keys, and the whole of it within limits.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/base/result.h"

namespace cubeloom {

enum class JsonKind { Other, Stac, Kerchunk };

/// Reads at most 16 MiB and stops at the first key that decides; files of references may be much longer. OpenFailed: it cannot be read.
Result<JsonKind> sniffJson(const std::string& path);

/// `text` as JSON without exceptions; its depth is seen before anything is built. Python's bare NaN, Infinity and -Infinity become
/// texts of that name. OpenFailed, naming `path`: nested deeper than 64 levels, more than
/// 1,000,000 values, no JSON.
Result<nlohmann::json> parseJsonText(const std::string& text, const std::string& path);

/// The same of a file. OpenFailed also: missing, longer than 16 MiB.
Result<nlohmann::json> readJson(const std::string& path, const std::string& what);

}  // namespace cubeloom
