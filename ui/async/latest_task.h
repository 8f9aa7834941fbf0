// SPDX-License-Identifier: GPL-3.0-or-later
// Work off the GUI thread where only the newest answer counts: previews, spectra, headers.
#pragma once

#include <QtGlobal>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "engine/base/background.h"
#include "engine/base/cancel.h"
#include "engine/base/guard.h"
#include "ui/async/mailbox.h"

namespace cubeloom {

/// Runs functions on threads of its own. Starting another cancels the one in progress; only the newest's result is delivered, on the
/// thread that owns this object (which needs an event loop). Destroying it cancels and waits.
template <class T>
class LatestTask {
 public:
  LatestTask() = default;
  ~LatestTask() { cancel(); }
  LatestTask(const LatestTask&) = delete;
  LatestTask& operator=(const LatestTask&) = delete;

  /// `work` must own all it uses: it runs on another thread and may outlive the caller's state.
  void start(std::function<T(const CancelToken&)> work, std::function<void(T)> done) {
    cancel();
    m_cancel = CancelToken();
    m_busy = true;
    m_background.start([this, work = std::move(work), done = std::move(done), token = m_cancel, generation = m_generation] {
      if (token.isCanceled()) return;
      // Without memory even to say so the answer stays out: the window is still there.
      (void)guarded([&] { deliver(answer(work, token), done, token, generation); });
    });
  }

  void cancel() {
    m_cancel.cancel();
    ++m_generation;
    m_busy = false;
    m_background.clear();
  }

  bool isBusy() const { return m_busy; }

 private:
  /// What `work` throws is the answer's error, or, where an answer has none, nothing.
  static std::shared_ptr<T> answer(const std::function<T(const CancelToken&)>& work, const CancelToken& token) {
    auto result = guarded([&] { return std::make_shared<T>(work(token)); });
    if (result) return std::move(*result);
    if constexpr (std::is_constructible_v<T, Failure>) return std::make_shared<T>(fail(std::move(result.error())));
    return std::make_shared<T>();
  }

  void deliver(std::shared_ptr<T> result, const std::function<void(T)>& done, const CancelToken& token, quint64 generation) {
    if (token.isCanceled()) return;
    m_mailbox.post([this, result = std::move(result), done, generation] {
      if (generation != m_generation) return;
      m_busy = false;
      done(std::move(*result));
    });
  }

  CancelToken m_cancel;
  quint64 m_generation = 0;
  bool m_busy = false;
  Mailbox m_mailbox;
  Background m_background{2};  ///< a canceled one may still be on its way out; last, so that its work ends before what it uses
};

}  // namespace cubeloom
