// SPDX-License-Identifier: GPL-3.0-or-later
// A text file read whole, with a limit: what the catalogs' parsers are given.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// OpenFailed: missing, no regular file, longer than `maxBytes` (the message names both), unreadable. `what` names the file's kind.
Result<std::string> readTextFile(const std::string& path, std::size_t maxBytes, const std::string& what);
/// At most the first `maxBytes` of a regular file. OpenFailed: there is none, or it cannot be read, which is never taken for "it says
/// nothing".
Result<std::string> fileStart(const std::string& path, std::size_t maxBytes);
/// The same for listings: empty when it cannot be read.
std::string readFileStart(const std::string& path, std::size_t maxBytes);

}  // namespace cubeloom
