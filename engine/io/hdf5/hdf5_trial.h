// SPDX-License-Identifier: GPL-3.0-or-later
// Looks into an HDF5 file in a process of its own first: the library (1.10) trusts much of what a file says, and a damaged or hostile one
// can crash or hang it.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// Under the lock, which the caller holds. OpenFailed when looking ended that process or took longer than its time, or where there is no
/// probe program. A file that passed is not tried again until it changes.
Result<void> tryHdf5(const std::string& path);

/// What the probe does with a file: opens it, looks through it and closes it, all that opening does. Under the lock.
void lookIntoHdf5(const std::string& path);

/// The whole of `PROGRAM --probe hdf5`.
int serveHdf5Trials();

}  // namespace cubeloom
