// SPDX-License-Identifier: GPL-3.0-or-later
// Finds operations by what a user types: title, id, keywords, category, summary.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// Those in which every word is found, best match first; all of them, in the registry's order, for an empty query. Case does not matter.
std::vector<const Operation*> findOperations(const Registry& registry, const std::string& query,
                                             const std::function<bool(const Declaration&)>& accepts = {});
/// The same; when nothing matches, what the query may have been a typing error for.
std::vector<const Operation*> searchOperations(const Registry& registry, const std::string& query,
                                               const std::function<bool(const Declaration&)>& accepts = {});

}  // namespace cubeloom
