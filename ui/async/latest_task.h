// SPDX-License-Identifier: GPL-3.0-or-later
// Work off the GUI thread where only the newest answer counts: previews, spectra, headers.
#pragma once

#include <QMetaObject>
#include <QObject>
#include <QThreadPool>
#include <functional>
#include <memory>
#include <utility>

#include "engine/base/cancel.h"

namespace cubeloom {

/// Runs functions on threads of its own. Starting another cancels the one in progress; only the newest's result is delivered, on the
/// thread that owns this object (which needs an event loop). Destroying it cancels and waits.
template <class T>
class LatestTask {
 public:
  LatestTask() { m_pool.setMaxThreadCount(2); }  // a canceled one may still be on its way out
  ~LatestTask() {
    cancel();
    m_pool.waitForDone();
  }
  LatestTask(const LatestTask&) = delete;
  LatestTask& operator=(const LatestTask&) = delete;

  /// `work` must own all it uses: it runs on another thread and may outlive the caller's state.
  void start(std::function<T(const CancelToken&)> work, std::function<void(T)> done) {
    cancel();
    m_cancel = CancelToken();
    m_busy = true;
    m_pool.start([this, work = std::move(work), done = std::move(done), token = m_cancel, generation = m_generation] {
      if (token.isCanceled()) return;
      auto result = std::make_shared<T>(work(token));
      if (token.isCanceled()) return;
      QMetaObject::invokeMethod(
          &m_context,
          [this, result, done, generation] {
            if (generation != m_generation) return;
            m_busy = false;
            done(std::move(*result));
          },
          Qt::QueuedConnection);
    });
  }

  void cancel() {
    m_cancel.cancel();
    ++m_generation;
    m_busy = false;
    m_pool.clear();
  }

  bool isBusy() const { return m_busy; }

 private:
  QObject m_context;  // a queued result dies with it
  QThreadPool m_pool;
  CancelToken m_cancel;
  quint64 m_generation = 0;
  bool m_busy = false;
};

}  // namespace cubeloom
