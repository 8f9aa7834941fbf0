// SPDX-License-Identifier: GPL-3.0-or-later
// serve: arrays of chains and files for another program, through stdin and stdout.
#include <unistd.h>

#include <csignal>

#include "app/cli/commands.h"
#include "engine/base/allocator.h"
#include "engine/serve/server.h"

namespace cubeloom::cli {

int runServe(const Services& services, int workers, const std::string& memory) {
  const auto budget = sizeOption("--memory", memory);
  if (!budget) return report(budget.error());
  std::signal(SIGPIPE, SIG_IGN);  // a client that has gone is seen where it is written to
  keepAllocatorLean();
  const auto served = serve(services, STDIN_FILENO, STDOUT_FILENO, {workers, *budget});
  return served ? kDone : report(served.error());
}

}  // namespace cubeloom::cli
