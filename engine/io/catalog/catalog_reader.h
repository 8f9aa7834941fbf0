// SPDX-License-Identifier: GPL-3.0-or-later
// Reads catalogs from disk: intake YAML, STAC JSON, kerchunk JSON, plain folders. The app hands it to the engine.
#pragma once

#include <memory>

#include "engine/access/catalog.h"

namespace cubeloom {

/// `isNetworkOn`: whether datasets on the network count as openable; no host is asked either way.
std::shared_ptr<CatalogProvider> makeCatalogProvider(bool isNetworkOn = false);

}  // namespace cubeloom
