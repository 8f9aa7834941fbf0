// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/allocator.h"

#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>

namespace cubeloom {

void keepAllocatorLean() {
  // A fixed threshold: glibc's own grows with the largest block freed so far, up to 32 MiB, and what lies below it stays.
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  // Of a limited address space an arena per thread takes 64 MiB, and a thread that finds no room for one maps pages for every few bytes.
  rlimit space{};
  if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) mallopt(M_ARENA_MAX, 1);
  malloc_trim(0);
}

bool canHaveMemory(std::size_t bytes) {
  void* pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return pages != MAP_FAILED && munmap(pages, bytes) == 0;
}

}  // namespace cubeloom
