// SPDX-License-Identifier: GPL-3.0-or-later
// Looks into an HDF5 file in a child process first: the library (1.10) trusts much of what a file says, and a damaged or hostile one can
// crash or hang it. Then the child ends, not the program.
#pragma once

#include <functional>
#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// Runs `look` in a copy of this process, under the lock, which the caller holds; nothing it does is seen here. OpenFailed when the copy
/// crashed or used more than its time of the processor. A file that passed is not tried again until it changes.
/// Where no process can be made, nothing is tried.
Result<void> tryHdf5(const std::string& path, const std::function<void()>& look);

}  // namespace cubeloom
