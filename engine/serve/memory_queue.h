// SPDX-License-Identifier: GPL-3.0-or-later
// One memory budget over requests that are answered at once: each takes all of its bytes before it begins, in the order in which they ask.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <set>

#include "engine/base/cancel.h"
#include "engine/base/result.h"
#include "engine/run/ledger.h"

namespace cubeloom {

/// Thread-safe.
class MemoryQueue {
 public:
  explicit MemoryQueue(double budgetBytes) : m_budget(budgetBytes), m_ledger(budgetBytes) {}

  double budgetBytes() const { return m_budget; }
  /// Waits until `bytes` are free and everybody who came before has theirs; nobody overtakes, so that large requests are not starved.
  /// OverBudget where they never will be, Canceled.
  Result<Ledger::Lease> take(double bytes, const CancelToken& cancel);

 private:
  void passOn();

  const double m_budget;
  Ledger m_ledger;
  std::mutex m_turn;  ///< guards all below
  std::condition_variable m_served;
  std::int64_t m_last = 0, m_next = 0;
  std::set<std::int64_t> m_left;  ///< who gave up before their turn
};

}  // namespace cubeloom
