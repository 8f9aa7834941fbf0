// SPDX-License-Identifier: GPL-3.0-or-later
// The C library's allocator in a program that promises a peak of memory.
#pragma once

#include <cstddef>

namespace cubeloom {

/// From now on freed blocks of some size go back to the system at once, instead of staying in an arena per thread for requests to come;
/// what is free now goes back, too. To be called before a run, and by a program that may run something at any time when it starts. A plan
/// is a third slower after it: its lists live for milliseconds, and each then gets new pages.
void keepAllocatorLean();

/// Whether the system gives this much memory now: to be asked before a library is called that ends the process where it gets none.
bool canHaveMemory(std::size_t bytes);

}  // namespace cubeloom
