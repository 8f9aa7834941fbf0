// SPDX-License-Identifier: GPL-3.0-or-later
// Work that nobody waits for: functions on threads of their own, handed over by mutexes of the standard library, which ThreadSanitizer
// sees.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace cubeloom {

/// Begins functions in the order in which they came; with one thread each ends before the next begins. A thread lasts as long as there is
/// work. start() and clear() are thread-safe, the rest is the owner's.
class Background {
 public:
  explicit Background(std::size_t mostThreads = 1) : m_lanes(mostThreads) {}
  /// Drops what has not begun, waits for what has.
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// `work` must own all it uses. What it throws ends with it: where somebody is to be told, it calls guarded() itself. Where the system
  /// gives no thread it waits for the next start().
  void start(std::function<void()> work);
  /// Drops what has not begun.
  void clear();
  /// Until all has been done. Nobody may start more meanwhile.
  void waitForDone();

 private:
  struct Lane {
    std::thread thread;
    bool isBusy = false;
  };
  void work(Lane& lane);

  std::mutex m_mutex;
  std::deque<std::function<void()>> m_waiting;
  std::vector<Lane> m_lanes;
};

}  // namespace cubeloom
