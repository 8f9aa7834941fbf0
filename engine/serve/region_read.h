// SPDX-License-Identifier: GPL-3.0-or-later
// Pixels of any node for whoever asks, without a run: any indices in any order, within a budget, cut so that a cancel is heard.
#pragma once

#include "engine/chain/graph.h"
#include "engine/serve/paced_evaluation.h"
#include "engine/serve/read_resources.h"

namespace cubeloom {

/// The pixels of a region and the memory that they hold.
struct RegionPixels {
  Ledger::Lease lease;
  Block block;  ///< dense, in the order of the indices asked for; given back before the lease
};

/// `region` of `node`: indices inside its spec, repeated or in any order; what has to be learned first has been. The same bytes as a run
/// writes. OverBudget with the numbers where it does not fit, Canceled within some tens of milliseconds, errors of reading.
Result<RegionPixels> readRegion(const Graph& graph, int node, const Region& region, const CancelToken& cancel, ReadResources& resources,
                                Pace& pace);

}  // namespace cubeloom
