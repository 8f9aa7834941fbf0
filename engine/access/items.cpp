// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/access/items.h"

#include <algorithm>

namespace cubeloom {

bool ItemAsset::hasRole(const std::string& role) const { return std::find(roles.begin(), roles.end(), role) != roles.end(); }

}  // namespace cubeloom
