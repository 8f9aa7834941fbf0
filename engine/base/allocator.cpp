// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/allocator.h"

#include <malloc.h>

namespace cubeloom {

void keepAllocatorLean() {
  // A fixed threshold: glibc's own grows with the largest block freed so far, up to 32 MiB, and what lies below it stays.
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  malloc_trim(0);
}

}  // namespace cubeloom
