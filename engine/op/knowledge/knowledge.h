// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of sensors and indices beside any file: the documents of resources/knowledge, and what users add to them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// The document `name` ("indices", "bad_bands", ...). Entries of its lists that have an "id" come after those of the user's file
/// <data folder>/cubeloom/knowledge/<name>.json, of which one of the same id stands instead of ours; the data folder is $XDG_DATA_HOME,
/// else ~/.local/share. InvalidParameter on `parameter` where the user's file is no such document: the message names it. Read at each call.
Result<nlohmann::json> knowledge(const std::string& name, const std::string& parameter);

/// The entry `id` of a list, whose ids are compared without regard to case; else InvalidParameter on `parameter` with what was meant.
Result<nlohmann::json> knownEntry(const nlohmann::json& list, const std::string& id, const std::string& parameter);

/// The ids of our own document, for help texts: found in its text, since to parse all documents takes 3 ms of every start.
std::vector<std::string> knownIds(const std::string& name);

}  // namespace cubeloom
