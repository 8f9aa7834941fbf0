// SPDX-License-Identifier: GPL-3.0-or-later
// trust: the user's answer to whether a file may read other files.
#include <iostream>

#include "app/cli/commands.h"

namespace cubeloom::cli {

int runTrust(const Services& services, const std::vector<std::string>& paths, bool remove) {
  for (const std::string& path : paths) {
    const auto done = remove ? services.trust->distrust(path) : services.trust->trust(path);
    if (!done) return report(done.error());
    std::cerr << (remove ? "no longer trusted: " : "trusted as it is now: ") << path << "\n";
  }
  return kDone;
}

}  // namespace cubeloom::cli
