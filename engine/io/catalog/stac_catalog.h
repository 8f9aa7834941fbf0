// SPDX-License-Identifier: GPL-3.0-or-later
// STAC on disk (https://stacspec.org): catalogs, collections, items and lists of items, by their links, inside their own folder.
#pragma once

#include "engine/access/catalog.h"
#include "engine/io/catalog/catalog_place.h"

namespace cubeloom {

/// `request.path` is absolute. Items are read, at most 10,000 of them; child catalogs are left to whoever asks. Links that leave
/// `request.root` (else the folder that stacRoot() finds) are listed, not followed. OpenFailed: no STAC, beyond the limits of readJson().
Result<Catalog> readStac(const CatalogRequest& request, const CatalogRules& rules);

}  // namespace cubeloom
