// SPDX-License-Identifier: GPL-3.0-or-later
// Results small enough to be read in the terminal: one number, or a short table.
#pragma once

#include <string>

#include "engine/chain/graph.h"
#include "engine/run/run.h"

namespace cubeloom::cli {

/// Of a chain that writes nothing, the id of its only end, where that is a number or a table short enough to be printed; "" else.
std::string printedNode(const Graph& graph);
/// To stdout: of an output in memory a number by itself, a table as CSV.
void printValues(const RunOutput& output, const ArraySpec& spec);

}  // namespace cubeloom::cli
