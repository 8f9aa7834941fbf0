// SPDX-License-Identifier: GPL-3.0-or-later
// A flag that asks work in progress to stop; shared by value between the asker and the workers.
#pragma once

#include <atomic>
#include <memory>

namespace cubeloom {

/// Copies share one flag. Thread-safe.
class CancelToken {
 public:
  CancelToken() : m_flag(std::make_shared<std::atomic<bool>>(false)) {}
  void cancel() const { m_flag->store(true, std::memory_order_release); }
  bool isCanceled() const { return m_flag->load(std::memory_order_acquire); }

 private:
  std::shared_ptr<std::atomic<bool>> m_flag;
};

}  // namespace cubeloom
