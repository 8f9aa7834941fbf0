// SPDX-License-Identifier: GPL-3.0-or-later
// Lists the items of STAC, of an entry of an intake catalog, of a folder, of files by a pattern. The app hands it to the engine.
#pragma once

#include <memory>

#include "engine/access/items.h"

namespace cubeloom {

/// `isNetworkOn`: whether assets on the network may be opened; no host is asked either way.
std::shared_ptr<ItemProvider> makeItemProvider(bool isNetworkOn = false);

}  // namespace cubeloom
