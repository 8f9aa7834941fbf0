// SPDX-License-Identifier: GPL-3.0-or-later
// A run whose parts the workers of a Dask cluster make, seen as any other run.
#pragma once

#include <memory>
#include <string>

#include "engine/run/run.h"

namespace cubeloom {

struct ClusterRunRequest {
  std::string address;  ///< of the scheduler
  std::string chain;    ///< as a chain file has it, all paths absolute
  std::string node;     ///< an output; empty: all of them
  bool overwrite = false;
  int threads = 1;         ///< of the cluster, as far as known; its events say what is true
  double memoryBytes = 0;  ///< likewise, of all workers together
};

/// Starts `cubeloom-cli run --cluster` at once. `plan` is the chain's: what it says of chunks and steps is what the events are told by.
/// Workers and memory are the cluster's: setWorkers() and setMemoryBudget() do nothing.
std::unique_ptr<Run> startClusterRun(Plan plan, const ClusterRunRequest& request);

}  // namespace cubeloom
