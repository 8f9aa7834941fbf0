// SPDX-License-Identifier: GPL-3.0-or-later
// Starts the tasks of one pass in their order, each as soon as the gate lets one more work and the ledger has its memory: what waits for
// either is a number, never a thread.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>

#include "engine/base/result.h"
#include "engine/run/ledger.h"

namespace cubeloom {

struct RunState;

class TaskFeed {
 public:
  /// One task, which may keep its lease. False: no further ones are to be started.
  using Work = std::function<bool(std::int64_t task, int worker, Ledger::Lease& lease)>;

  /// `leaseBytes`: of one task.
  TaskFeed(RunState& run, std::int64_t count, double leaseBytes, Work work);
  /// On the run's own thread. Returns when every task has ended, or no further one is to start (the run is stopped, a task said so) and
  /// those at work have ended. What a task throws: the first of it.
  Result<void> run();

 private:
  /// Starts what may start. True: nobody is at work, because all is done or more threads are to come first.
  bool fill();
  void startNext(Ledger::Lease lease);
  void perform(std::int64_t task, int worker, Ledger::Lease& lease);
  bool isOver() const;

  RunState& m_run;
  const std::int64_t m_count;
  const double m_leaseBytes;
  const Work m_work;
  std::mutex m_mutex;  ///< guards all below
  std::int64_t m_next = 0;
  int m_working = 0;
  bool m_ends = false;
  Result<void> m_outcome;
};

}  // namespace cubeloom
