// SPDX-License-Identifier: GPL-3.0-or-later
// Tells whether a node of a newly bound chain still gives the pixels that are on screen.
#pragma once

#include <string>

#include "engine/chain/graph.h"

namespace cubeloom {

/// Equal for equal pixels: operations, parameters, wires and opened sources of `id` and everything above it. Empty when the node is not
/// in both. `graph` must be bound from `chain`.
std::string pixelIdentity(const Chain& chain, const Graph& graph, const std::string& id);

}  // namespace cubeloom
