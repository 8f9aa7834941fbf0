// SPDX-License-Identifier: GPL-3.0-or-later
// All samples: which one a file is of.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// Makes sure that `folder` (created if missing) holds the sample that `file` belongs to, by its name: the coast, nothing for sample:full,
/// else the sample cube. Returns the path of one of its files, or what sample:full is called in that folder.
Result<std::string> makeSampleOf(const std::string& folder, const std::string& file);

}  // namespace cubeloom
