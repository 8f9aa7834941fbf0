// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/background.h"

#include <algorithm>
#include <utility>

#include "engine/base/guard.h"

namespace cubeloom {

Background::~Background() {
  clear();
  waitForDone();
}

void Background::start(std::function<void()> work) {
  const std::lock_guard lock(m_mutex);
  m_waiting.push_back(std::move(work));
  const auto lane = std::find_if(m_lanes.begin(), m_lanes.end(), [](const Lane& one) { return !one.isBusy; });
  if (lane == m_lanes.end()) return;
  if (lane->thread.joinable()) lane->thread.join();  // it has left its loop
  const auto started = guarded([&] { lane->thread = std::thread([this, &lane = *lane] { this->work(lane); }); });
  lane->isBusy = started.has_value();
}

void Background::clear() {
  std::deque<std::function<void()>> dropped;  // what they own goes without the lock
  const std::lock_guard lock(m_mutex);
  dropped.swap(m_waiting);
}

void Background::waitForDone() {
  for (Lane& lane : m_lanes)
    if (lane.thread.joinable()) lane.thread.join();
}

void Background::work(Lane& lane) {
  for (;;) {
    std::function<void()> next;
    {
      const std::lock_guard lock(m_mutex);
      lane.isBusy = !m_waiting.empty();
      if (!lane.isBusy) return;
      next = std::move(m_waiting.front());
      m_waiting.pop_front();
    }
    (void)guarded(next);
  }
}

}  // namespace cubeloom
