// SPDX-License-Identifier: GPL-3.0-or-later
// A plain folder as a catalog: the rasters in it by their names, the catalogs by their first keys.
#pragma once

#include "engine/access/catalog.h"

namespace cubeloom {

/// ENVI headers and their data are one entry, Zarr folders one each. Sub-folders are entries to read further on. At most 10,000 names.
Result<Catalog> readFolder(const CatalogRequest& request);

}  // namespace cubeloom
