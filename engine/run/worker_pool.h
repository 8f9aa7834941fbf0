// SPDX-License-Identifier: GPL-3.0-or-later
// The threads that compute a run: an arena of oneTBB, in which chunks are tasks and large chunks are shared.
#pragma once

#include <functional>
#include <memory>

#include "engine/base/result.h"
#include "engine/base/workers.h"

namespace cubeloom {

/// Thread-safe, but for grow() and wait(), which belong to one thread that is none of the pool's.
class WorkerPool final : public Workers {
 public:
  WorkerPool();  ///< without threads
  ~WorkerPool() override;

  /// Sees to it that `workers` threads take part, or as many as the system gives; waits for every task before it adds one. OverBudget when
  /// there are none.
  Result<void> grow(int workers);
  int workers() const { return m_workers; }  ///< the most that were asked for
  /// Calls `task(worker)` on one of the threads; `worker`, below workers(), is that thread's number as long as the task lasts. The task
  /// must not throw, and may start others. Throws std::bad_alloc.
  void start(std::function<void(int worker)> task);
  /// Returns when every task that was started has ended.
  void wait();
  /// Inside a task the calling thread takes up no other task meanwhile.
  void each(int count, int most, const std::function<void(int)>& work) override;

 private:
  struct Arena;
  std::unique_ptr<Arena> m_arena;
  int m_workers = 0;
};

}  // namespace cubeloom
