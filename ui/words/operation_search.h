// SPDX-License-Identifier: GPL-3.0-or-later
// Finds operations by what a user types: title, id, keywords, category, summary.
#pragma once

#include <QString>
#include <functional>
#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// Best match first; all of them, in the registry's order, for an empty query. Every word must be found. When nothing matches, what
/// the query may have been a typing error for.
std::vector<const Operation*> searchOperations(const Registry& registry, const QString& query,
                                               const std::function<bool(const Declaration&)>& accepts = {});

}  // namespace cubeloom
