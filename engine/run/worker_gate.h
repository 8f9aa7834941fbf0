// SPDX-License-Identifier: GPL-3.0-or-later
// How many chunks may be worked on at once: the number can change while running, and all can be paused.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace cubeloom {

/// Thread-safe.
class WorkerGate {
 public:
  explicit WorkerGate(int workers) : m_workers(workers) {}

  int workers() const {
    const std::lock_guard lock(m_mutex);
    return m_workers;
  }
  /// The same; 0 while paused.
  int allowed() const {
    const std::lock_guard lock(m_mutex);
    return m_paused ? 0 : m_workers;
  }
  void setWorkers(int workers) {
    change([&] { m_workers = workers; });
  }
  void setPaused(bool paused) {
    change([&] { m_paused = paused; });
  }
  /// Something else changed that decides what may start: memory, a cancel, the last chunk's end.
  void wake() {
    change([] {});
  }

  /// Counts changes.
  std::uint64_t changes() const {
    const std::lock_guard lock(m_mutex);
    return m_changes;
  }
  /// Blocks until there have been more than `seen`.
  void waitForChange(std::uint64_t seen) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_changes != seen; });
  }

 private:
  template <class F>
  void change(F&& f) {
    {
      const std::lock_guard lock(m_mutex);
      f();
      ++m_changes;
    }
    m_changed.notify_all();
  }

  mutable std::mutex m_mutex;
  std::condition_variable m_changed;
  int m_workers;
  bool m_paused = false;
  std::uint64_t m_changes = 0;
};

}  // namespace cubeloom
