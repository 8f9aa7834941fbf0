// SPDX-License-Identifier: GPL-3.0-or-later
// A chain as command lines of GDAL's programs.
#pragma once

#include "engine/chain/graph.h"
#include "engine/export/export_chain.h"

namespace cubeloom {

/// A script that runs them. What GDAL's programs cannot do stands there as a comment and a check for the file that is missing.
/// `graph` is `chain`, bound without an error.
Result<ExportedChain> gdalCommands(const Chain& chain, const Graph& graph, const Registry& registry, SourceProvider& sources);

}  // namespace cubeloom
