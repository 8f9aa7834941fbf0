// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/memory_queue.h"

#include <chrono>

#include "engine/base/text.h"

namespace cubeloom {

Result<Ledger::Lease> MemoryQueue::take(double bytes, const CancelToken& cancel) {
  // Whoever waits looks again by itself: a lease tells nobody that it is given back.
  constexpr std::chrono::milliseconds kLookAgain{1};
  if (bytes > m_budget)
    return fail(ErrorCode::OverBudget,
                "this needs " + formatSize(bytes) + " at once; the memory budget has " + formatSize(m_budget) + " for requests",
                "ask for less at once, or start with a larger --memory");
  std::unique_lock lock(m_turn);
  const std::int64_t mine = m_last++;
  while (true) {
    if (m_next == mine) {
      if (auto lease = m_ledger.take(bytes)) {
        ++m_next;
        passOn();
        return lease;
      }
    }
    if (cancel.isCanceled()) break;
    m_served.wait_for(lock, kLookAgain);
  }
  m_left.insert(mine);
  passOn();
  return fail(ErrorCode::Canceled, "canceled");
}

void MemoryQueue::passOn() {
  while (m_left.erase(m_next) > 0) ++m_next;
  m_served.notify_all();
}

}  // namespace cubeloom
