// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers and texts as plans, reports and events write them into JSON.
#pragma once

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/base/json_text.h"

namespace cubeloom {

/// Bytes are counted in whole ones.
inline std::int64_t wholeBytes(double bytes) { return static_cast<std::int64_t>(std::llround(bytes)); }
/// A value to the nearest multiple of `unit`.
inline double roundedTo(double value, double unit) { return std::round(value / unit) * unit; }
/// `indent` below 0: one line.
inline std::string dumped(const nlohmann::json& json, int indent = -1) { return jsonText(json, indent); }

}  // namespace cubeloom
