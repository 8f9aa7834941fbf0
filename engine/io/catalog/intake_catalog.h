// SPDX-License-Identifier: GPL-3.0-or-later
// Catalogs of intake (https://intake.readthedocs.io): YAML with named sources. Read as data; no plug-in is loaded, no template evaluated.
#pragma once

#include "engine/access/catalog.h"
#include "engine/io/catalog/catalog_place.h"

namespace cubeloom {

/// Whether the start of a YAML file reads like an intake catalog.
bool looksLikeIntake(const std::string& path);

/// `request.path` is absolute. Sources that lead nowhere or need more than a plain {{ name }} are listed with the reason. OpenFailed: no
/// YAML, no intake catalog, or beyond the limits (4 MiB; what aliases repeat counts each time it is read).
Result<Catalog> readIntake(const CatalogRequest& request, const CatalogRules& rules);

}  // namespace cubeloom
