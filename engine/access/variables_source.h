// SPDX-License-Identifier: GPL-3.0-or-later
// Several variables of a dataset as one array.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/access/source.h"

namespace cubeloom {

/// `sources`, called `names`, behind one another along a new first dim: "band" where they have no bands or wavelengths, so that they are
/// bands of one picture, else "variable". Units that differ stand beside the names, attributes that differ with each of them. GridMismatch
/// names the first that has other dims, entries, another grid, type, nodata or scale than the first one. Thread-safe as the sources are.
Result<std::shared_ptr<Source>> variablesSource(std::vector<std::shared_ptr<Source>> sources, const std::vector<std::string>& names);

}  // namespace cubeloom
