// SPDX-License-Identifier: GPL-3.0-or-later
// What all reads of a server share: one budget, one pool, one set of threads.
#pragma once

#include <mutex>

#include "engine/array/buffer_pool.h"
#include "engine/run/worker_pool.h"
#include "engine/serve/memory_queue.h"

namespace cubeloom {

/// Thread-safe.
class ReadResources {
 public:
  ReadResources(int workers, double budgetBytes);
  MemoryQueue& memory() { return m_memory; }
  BufferPool& pool() { return m_pool; }
  int workers() const { return m_workers; }
  /// Threads for one large read; null where the system gives none. They are made for the first that asks.
  Workers* helpers();

 private:
  const int m_workers;
  MemoryQueue m_memory;
  BufferPool m_pool;
  std::once_flag m_isGrown;
  WorkerPool m_helpers;
  bool m_hasHelpers = false;
};

}  // namespace cubeloom
