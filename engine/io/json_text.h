// SPDX-License-Identifier: GPL-3.0-or-later
// JSON from files of others: size and depth are checked before anything is built.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// `text` as JSON without exceptions. Python's bare NaN, Infinity and -Infinity become texts of that name. OpenFailed, naming `path`, when
/// it nests deeper than 32 levels or is no JSON.
Result<nlohmann::json> parseJsonText(std::string text, const std::string& path);

}  // namespace cubeloom
