// SPDX-License-Identifier: GPL-3.0-or-later
// JSON as text, of texts that may be no UTF-8, as names of files are: a byte that is part of no character is written as \udc80 to \udcff,
// which is what Python's json makes of such a name (PEP 383, surrogateescape), and is that byte again when it is read.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace cubeloom {

/// `indent` -1: on one line.
std::string jsonText(const nlohmann::json& json, int indent = -1);
/// "Discarded" (see nlohmann) where it is no JSON.
nlohmann::json jsonFromText(std::string_view text);

}  // namespace cubeloom
