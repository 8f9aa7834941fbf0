// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/task_feed.h"

#include <memory>
#include <utility>

#include "engine/base/guard.h"
#include "engine/run/run_state.h"

namespace cubeloom {

TaskFeed::TaskFeed(RunState& run, std::int64_t count, double leaseBytes, Work work)
    : m_run(run), m_count(count), m_leaseBytes(leaseBytes), m_work(std::move(work)) {}

Result<void> TaskFeed::run() {
  while (true) {
    const std::uint64_t seen = m_run.gate.changes();
    if (!fill()) {
      m_run.gate.waitForChange(seen);
      continue;
    }
    if (isOver()) break;
    CUBELOOM_TRY(m_run.workers.grow(m_run.gate.workers()));
  }
  m_run.workers.wait();
  return m_outcome;
}

bool TaskFeed::fill() {
  const std::lock_guard lock(m_mutex);
  // Before threads are added, those at work end: a thread's number is its own as long as its task lasts.
  const bool hasThreads = m_run.gate.workers() <= m_run.workers.workers();
  while (hasThreads && !isOver() && m_working < m_run.gate.allowed()) {
    auto lease = m_run.ledger.take(m_leaseBytes);
    if (!lease) break;
    if (auto started = guarded([&] { startNext(std::move(lease)); }); !started) {
      m_ends = true;
      m_outcome = std::move(started);
    }
  }
  return m_working == 0 && (isOver() || !hasThreads);
}

void TaskFeed::startNext(Ledger::Lease lease) {
  const auto kept = std::make_shared<Ledger::Lease>(std::move(lease));
  m_run.workers.start([this, task = m_next, kept](int worker) { perform(task, worker, *kept); });
  ++m_next;
  ++m_working;
}

void TaskFeed::perform(std::int64_t task, int worker, Ledger::Lease& lease) {
  auto goesOn = guarded([&] { return m_work(task, worker, lease); });
  lease.giveBack();
  {
    const std::lock_guard lock(m_mutex);
    --m_working;
    m_ends = m_ends || !goesOn || !*goesOn;
    if (!goesOn && m_outcome) m_outcome = fail(std::move(goesOn.error()));
  }
  if (fill()) m_run.gate.wake();
}

bool TaskFeed::isOver() const { return m_ends || m_next == m_count || m_run.isStopped(); }

}  // namespace cubeloom
