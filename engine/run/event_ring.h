// SPDX-License-Identifier: GPL-3.0-or-later
// One worker's way to tell what it did: a lock-free ring from the worker to whoever collects.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

#include "engine/run/events.h"

namespace cubeloom {

/// Single producer; one consumer at a time (its callers hold a lock).
class EventRing {
 public:
  /// Worker side. False: the ring is full, nothing was stored; drain it and push again.
  [[nodiscard]] bool push(const ChunkEvent& event) {
    const std::size_t head = m_head.load(std::memory_order_relaxed);
    if (head - m_tail.load(std::memory_order_acquire) == kCapacity) return false;
    m_events[head % kCapacity] = event;
    m_head.store(head + 1, std::memory_order_release);
    return true;
  }

  /// Collector side: calls `take(event)` for all that are there.
  template <class F>
  void drain(F&& take) {
    std::size_t tail = m_tail.load(std::memory_order_relaxed);
    const std::size_t head = m_head.load(std::memory_order_acquire);
    for (; tail != head; ++tail) take(m_events[tail % kCapacity]);
    m_tail.store(tail, std::memory_order_release);
  }

 private:
  static constexpr std::size_t kCapacity = 4096;
  std::array<ChunkEvent, kCapacity> m_events{};
  std::atomic<std::size_t> m_head{0}, m_tail{0};
};

}  // namespace cubeloom
