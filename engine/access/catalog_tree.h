// SPDX-License-Identifier: GPL-3.0-or-later
// A catalog with the catalogs below it, and the search in them.
#pragma once

#include "engine/access/catalog.h"
#include "engine/base/cancel.h"
#include "engine/base/datetime.h"

namespace cubeloom {

/// How far to go.
struct CatalogLimits {
  int depth = 16;               ///< catalogs below one another
  std::size_t entries = 20000;  ///< in all
};

/// Reads the catalogs that the entries of `catalog` stand for, and those below, into `children`. A catalog that was met already is not read
/// again, so that cycles end; sub-folders are listed, not their own sub-folders. What cannot be read says so in its entry's `reason`.
void expandCatalog(Catalog& catalog, CatalogProvider& provider, const CatalogLimits& limits = {}, const CancelToken& cancel = {});

/// What to look for; what is not set matches everything.
struct CatalogFilter {
  std::optional<std::array<double, 4>> bbox;  ///< west, south, east, north in degrees; west > east across the antimeridian
  std::optional<TimeSpan> time;
};

/// The entries of the tree that stand for data and meet the filter. One that does not say where or when it is is no answer to that
/// question. Only what was expanded is searched.
std::vector<CatalogEntry> searchCatalog(const Catalog& catalog, const CatalogFilter& filter);

}  // namespace cubeloom
