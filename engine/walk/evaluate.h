// SPDX-License-Identifier: GPL-3.0-or-later
// Evaluates a region of any node on the calling thread: the walk of one chunk, backwards for needs, forwards for pixels; each node once.
#pragma once

#include <algorithm>
#include <atomic>
#include <vector>

#include "engine/access/source.h"
#include "engine/array/buffer_pool.h"
#include "engine/chain/graph.h"
#include "engine/walk/shares.h"

namespace cubeloom {

/// Stands between evaluations and their sources: hands out what it has, reads the rest. Thread-safe.
class SourceReader {
 public:
  virtual ~SourceReader() = default;
  /// As Source::read() of the open node `node`.
  virtual Result<void> read(int node, Source& source, const Region& region, const BlockView& to, ReadContext& context) = 0;
};

/// What a node did in one evaluation.
struct NodeWork {
  std::int64_t startNs = 0, endNs = 0;  ///< of its own work; reads for a leaf
  std::int64_t ownNs = 0;
  double bytesIn = 0, bytesOut = 0;
  std::int64_t calls = 0;
  /// Work that was done between these times, outside evaluate().
  void addOwn(std::int64_t start, std::int64_t end) {
    if (calls++ == 0) startNs = start;
    endNs = end;
    ownNs += end - start;
  }
  /// What was done beside it, by another evaluation.
  void add(const NodeWork& other) {
    if (other.calls == 0) return;
    startNs = calls == 0 ? other.startNs : std::min(startNs, other.startNs);
    endNs = std::max(endNs, other.endNs);
    ownNs += other.ownNs;
    bytesIn += other.bytesIn;
    bytesOut += other.bytesOut;
    calls += other.calls;
  }
};

/// What one worker's evaluation waits for from a disk or another process, for whoever looks on. Thread-safe: shares of a chunk read beside
/// each other.
class ReadingNow {
 public:
  void begin(int node, std::int64_t ns) {
    m_node.store(node, std::memory_order_relaxed);
    if (m_reads.fetch_add(1, std::memory_order_acq_rel) == 0) m_sinceNs.store(ns, std::memory_order_relaxed);
  }
  void end() { m_reads.fetch_sub(1, std::memory_order_acq_rel); }
  /// The open node that is read; -1: none at this moment.
  int node() const { return m_reads.load(std::memory_order_acquire) > 0 ? m_node.load(std::memory_order_relaxed) : -1; }
  std::int64_t sinceNs() const { return m_sinceNs.load(std::memory_order_relaxed); }

 private:
  std::atomic<int> m_reads{0}, m_node{-1};
  std::atomic<std::int64_t> m_sinceNs{0};
};

/// Per-thread state of evaluations; reused between chunks.
struct EvaluateContext {
  BufferPool pool;
  CancelToken cancel;
  std::int64_t bytesRead = 0;
  std::vector<NodeWork> work;                   ///< one per graph node; sized by evaluate()
  SourceReader* reader = nullptr;               ///< none: sources are read directly
  const std::vector<char>* onlyRead = nullptr;  ///< per graph node what goes to ReadContext::isOnlyRead; none: nothing does
  Sharing sharing = {};                         ///< as evaluateCost() was told
  ReadingNow* readingNow = nullptr;             ///< none: nobody looks on
};

/// Writes `region` of `node` (indices inside its spec) into `out`: same shape and pixel type, any strides.
Result<void> evaluate(const Graph& graph, int node, const Region& region, const BlockView& out, EvaluateContext& context);

}  // namespace cubeloom
