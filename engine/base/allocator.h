// SPDX-License-Identifier: GPL-3.0-or-later
// The C library's allocator in a program that promises a peak of memory.
#pragma once

namespace cubeloom {

/// Freed blocks of some size go back to the system at once, instead of staying in an arena per thread for requests to come. To be called
/// first thing in main().
void keepAllocatorLean();

}  // namespace cubeloom
