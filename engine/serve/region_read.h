// SPDX-License-Identifier: GPL-3.0-or-later
// Pixels of any node for whoever asks, without a run: any indices in any order, within a budget, cut so that a cancel is heard.
#pragma once

#include <mutex>

#include "engine/chain/graph.h"
#include "engine/run/worker_pool.h"
#include "engine/serve/memory_queue.h"

namespace cubeloom {

/// What all reads share. Thread-safe.
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

/// The pixels of a region and the memory that they hold.
struct RegionPixels {
  Ledger::Lease lease;
  Block block;  ///< dense, in the order of the indices asked for; given back before the lease
};

/// `region` of `node`: indices inside its spec, repeated or in any order; what has to be learned first has been. The same bytes as a run
/// writes. OverBudget with the numbers where it does not fit, Canceled within some tens of milliseconds, errors of reading.
Result<RegionPixels> readRegion(const Graph& graph, int node, const Region& region, const CancelToken& cancel, ReadResources& resources);

}  // namespace cubeloom
