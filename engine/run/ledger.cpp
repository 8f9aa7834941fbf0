// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/ledger.h"

namespace cubeloom {

Ledger::Lease Ledger::take(double bytes, const CancelToken& cancel) {
  std::unique_lock lock(m_mutex);
  m_changed.wait(lock, [&] { return cancel.isCanceled() || m_leased == 0 || m_leased + bytes <= m_budget; });
  if (cancel.isCanceled()) return {};
  m_leased += bytes;
  return {this, bytes};
}

void Ledger::setBudget(double bytes) {
  {
    const std::lock_guard lock(m_mutex);
    m_budget = bytes;
  }
  m_changed.notify_all();
}

void Ledger::wakeAll() {
  // With the lock, so that no waiter is between its look at the token and its sleep.
  { const std::lock_guard lock(m_mutex); }
  m_changed.notify_all();
}

double Ledger::leasedBytes() const {
  const std::lock_guard lock(m_mutex);
  return m_leased;
}

void Ledger::giveBack(double bytes) {
  {
    const std::lock_guard lock(m_mutex);
    m_leased -= bytes;
  }
  m_changed.notify_all();
}

}  // namespace cubeloom
