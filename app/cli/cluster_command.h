// SPDX-License-Identifier: GPL-3.0-or-later
// Runs on a Dask cluster, and clusters of this computer: the work is done by programs of resources/dask, which a Python runs that has
// distributed.
#pragma once

#include "app/cli/commands.h"

namespace cubeloom::cli {

struct ClusterArguments {
  std::string action;  ///< "start", "scale", "stop" or "list"
  std::string name;    ///< address of one of several
  int workers = 0;
  std::string memory;  ///< of all workers together
  bool json = false;
  bool watches = false;  ///< of `list`: goes on telling about the scheduler that is named
};

/// `run --cluster`: in parts, which the scheduler at `arguments.cluster` gives to its workers. Becomes the Python program: returns on
/// errors alone.
int runOnCluster(const Services& services, const RunArguments& arguments);
/// `cluster`: likewise.
int runCluster(const ClusterArguments& arguments);

}  // namespace cubeloom::cli
