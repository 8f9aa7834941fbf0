// SPDX-License-Identifier: GPL-3.0-or-later
// How long the event loop kept a user waiting: a heartbeat on the GUI thread, and one beside it that tells how long the machine itself
// kept a thread waiting, so that a busy machine is not taken for a stall.
#pragma once

#include <QElapsedTimer>
#include <QTimer>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>

namespace cubeloom::test {

class StallProbe {
 public:
  StallProbe() {
    m_timer.setTimerType(Qt::PreciseTimer);
    m_timer.setInterval(kBeatMs);
    QObject::connect(&m_timer, &QTimer::timeout, &m_timer, [this] { beat(); });
    m_clock.start();
    m_timer.start();
    m_reference = std::thread([this] {
      while (!m_over) {
        const auto before = std::chrono::steady_clock::now();
        std::this_thread::sleep_for(std::chrono::milliseconds(kBeatMs));
        const auto late = std::chrono::steady_clock::now() - before - std::chrono::milliseconds(kBeatMs);
        m_lateNs += std::max<std::int64_t>(0, std::chrono::nanoseconds(late).count());
      }
    });
  }
  ~StallProbe() {
    m_over = true;
    m_reference.join();
  }

  /// The longest gap in ms since the last call, less what the machine took from the other heartbeat in the same time.
  double takeLongestMs() {
    beat();
    return std::exchange(m_longestMs, 0);
  }

 private:
  static constexpr int kBeatMs = 5;

  void beat() {
    const double gap = static_cast<double>(m_clock.nsecsElapsed()) * 1e-6 - kBeatMs;
    const double taken = static_cast<double>(m_lateNs.exchange(0)) * 1e-6;
    m_longestMs = std::max(m_longestMs, gap - taken);
    m_clock.restart();
  }

  QTimer m_timer;
  QElapsedTimer m_clock;
  double m_longestMs = 0;
  std::atomic<bool> m_over = false;
  std::atomic<std::int64_t> m_lateNs = 0;
  std::thread m_reference;
};

}  // namespace cubeloom::test
