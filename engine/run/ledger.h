// SPDX-License-Identifier: GPL-3.0-or-later
// The memory ledger of a run: a chunk takes one lease for all of its bytes before its first read. No hold-and-wait, so no deadlock.
#pragma once

#include <mutex>

namespace cubeloom {

/// Thread-safe. A lease larger than the whole budget is granted when nothing else is leased (the plan has already refused what cannot fit).
class Ledger {
 public:
  explicit Ledger(double budgetBytes) : m_budget(budgetBytes) {}

  /// Gives its bytes back when destroyed.
  class Lease {
   public:
    Lease() = default;
    Lease(Ledger* ledger, double bytes) : m_ledger(ledger), m_bytes(bytes) {}
    Lease(Lease&& other) noexcept : m_ledger(other.m_ledger), m_bytes(other.m_bytes) { other.m_ledger = nullptr; }
    Lease& operator=(Lease&&) = delete;
    ~Lease() { giveBack(); }
    void giveBack() {
      if (m_ledger) m_ledger->giveBack(m_bytes);
      m_ledger = nullptr;
    }
    explicit operator bool() const { return m_ledger != nullptr; }

   private:
    Ledger* m_ledger = nullptr;
    double m_bytes = 0;
  };

  /// An empty lease unless `bytes` are free.
  Lease take(double bytes);
  double leasedBytes() const;
  /// Takes effect at the next lease; what is leased stays leased.
  void setBudget(double bytes);

 private:
  void giveBack(double bytes);

  mutable std::mutex m_mutex;
  double m_budget;
  double m_leased = 0;
};

}  // namespace cubeloom
