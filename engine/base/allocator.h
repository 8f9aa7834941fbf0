// SPDX-License-Identifier: GPL-3.0-or-later
// The C library's allocator in a program that promises a peak of memory.
#pragma once

namespace cubeloom {

/// From now on freed blocks of some size go back to the system at once, instead of staying in an arena per thread for requests to come;
/// what is free now goes back, too. To be called before a run. Not before a plan: its lists live for milliseconds, and new pages for each
/// would be a third of its time.
void keepAllocatorLean();

}  // namespace cubeloom
