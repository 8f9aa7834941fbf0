// SPDX-License-Identifier: GPL-3.0-or-later
// Sends files to the disk in pieces: fsync() of what a slow disk has not taken yet lasts minutes and cannot be called off.
#pragma once

#include <functional>

namespace cubeloom {

/// What of the file is not on the disk yet, a few MiB after the other; 0, or the system's reason. ECANCELED as soon as `givesUp()`. What is
/// left of it for fsync() is little. 0, and nothing done, where the file system cannot.
int flushInPieces(int descriptor, const std::function<bool()>& givesUp);

/// Only begins to write it; waits where the disk takes no more requests. Learns of no errors: whoever flushes the open file next does.
void beginFlushInPieces(int descriptor, const std::function<bool()>& givesUp);

}  // namespace cubeloom
