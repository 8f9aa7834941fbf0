// SPDX-License-Identifier: GPL-3.0-or-later
// A catalog with the catalogs below it.
#pragma once

#include "engine/access/catalog.h"
#include "engine/base/cancel.h"

namespace cubeloom {

/// How far to go.
struct CatalogLimits {
  int depth = 16;               ///< catalogs below one another
  std::size_t entries = 20000;  ///< in all
};

/// Reads the catalogs that the entries of `catalog` stand for, and those below, into `children`. A catalog that was met already is not read
/// again, so that cycles end; sub-folders are listed, not their own sub-folders. What cannot be read says so in its entry's `reason`.
void expandCatalog(Catalog& catalog, CatalogProvider& provider, const CatalogLimits& limits = {}, const CancelToken& cancel = {});

}  // namespace cubeloom
