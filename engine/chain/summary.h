// SPDX-License-Identifier: GPL-3.0-or-later
// What a step was told, in few words for people: where it speaks of its inputs by number, their nodes' names.
#pragma once

#include <string>

#include "engine/chain/graph.h"

namespace cubeloom {

/// "cloud.x != 0" where the step itself says "in2.x != 0" and its second input is the node cloud. "" of a node that is not bound.
std::string summaryOf(const Graph& graph, int node);

}  // namespace cubeloom
