// SPDX-License-Identifier: GPL-3.0-or-later
// All items of a STAC file: of the item itself, of a list of items, of a collection or catalog and those below it.
#pragma once

#include "engine/access/items.h"

namespace cubeloom {

/// `path` is absolute. At most 100,000 items, in 10,000 files. Links that leave the folder that stacRoot() finds are noted, not followed.
/// OpenFailed: no STAC, beyond the limits.
Result<ItemList> readStacItems(const std::string& path);

}  // namespace cubeloom
