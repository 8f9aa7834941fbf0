// SPDX-License-Identifier: GPL-3.0-or-later
// Threads that share one piece of work; below everything, so that whoever cuts work needs to know nothing of runs.
#pragma once

#include <functional>

namespace cubeloom {

/// Thread-safe.
class Workers {
 public:
  virtual ~Workers() = default;
  /// Calls `work(0) ... work(count - 1)`, each once, on the calling thread and on others that are free, `most` threads in all; returns when
  /// every call has. `work` must not throw. Throws std::bad_alloc, when no call is going on any more.
  virtual void each(int count, int most, const std::function<void(int)>& work) = 0;
};

}  // namespace cubeloom
