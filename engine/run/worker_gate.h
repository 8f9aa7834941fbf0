// SPDX-License-Identifier: GPL-3.0-or-later
// Which workers may take the next chunk: the number can change while running, and all can be paused.
#pragma once

#include <condition_variable>
#include <mutex>

#include "engine/base/cancel.h"

namespace cubeloom {

/// Thread-safe.
class WorkerGate {
 public:
  explicit WorkerGate(int workers) : m_workers(workers) {}

  /// Blocks worker `index` while it is not allowed to work. False: there is nothing left to do for it (canceled or closed).
  bool enter(int index, const CancelToken& cancel) {
    std::unique_lock lock(m_mutex);
    m_changed.wait(lock, [&] { return m_closed || cancel.isCanceled() || (!m_paused && index < m_workers); });
    return !m_closed && !cancel.isCanceled();
  }
  void setWorkers(int workers) {
    change([&] { m_workers = workers; });
  }
  void setPaused(bool paused) {
    change([&] { m_paused = paused; });
  }
  /// No chunk is left: waiting workers go home. `open` begins the next stage.
  void close() {
    change([&] { m_closed = true; });
  }
  void open() {
    change([&] { m_closed = false; });
  }
  /// After a cancel. With the lock, so that no waiter is between its look at the token and its sleep.
  void wakeAll() {
    change([] {});
  }
  int workers() const {
    const std::lock_guard lock(m_mutex);
    return m_workers;
  }

 private:
  template <class F>
  void change(F&& f) {
    {
      const std::lock_guard lock(m_mutex);
      f();
    }
    m_changed.notify_all();
  }

  mutable std::mutex m_mutex;
  std::condition_variable m_changed;
  int m_workers;
  bool m_paused = false, m_closed = false;
};

}  // namespace cubeloom
