// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/ledger.h"

namespace cubeloom {

Ledger::Lease Ledger::take(double bytes) {
  const std::lock_guard lock(m_mutex);
  if (m_leased > 0 && m_leased + bytes > m_budget) return {};
  m_leased += bytes;
  return {this, bytes};
}

void Ledger::setBudget(double bytes) {
  const std::lock_guard lock(m_mutex);
  m_budget = bytes;
}

double Ledger::leasedBytes() const {
  const std::lock_guard lock(m_mutex);
  return m_leased;
}

void Ledger::giveBack(double bytes) {
  const std::lock_guard lock(m_mutex);
  m_leased -= bytes;
}

}  // namespace cubeloom
