// SPDX-License-Identifier: GPL-3.0-or-later
// Stores tasks by lane and sums them up by pixel column in one pass over what is visible.
#include "ui/charts/task_lanes.h"

#include <algorithm>
#include <cmath>

namespace cubeloom {

void TaskLanes::clear() {
  m_lanes.clear();
  m_tasks = 0;
  m_end = 0;
}

void TaskLanes::setLaneCount(int count) {
  if (count > laneCount()) m_lanes.resize(static_cast<std::size_t>(count));
}

void TaskLanes::add(int lane, const LaneTask& task) {
  if (lane < 0 || !std::isfinite(task.start) || !(task.seconds >= 0)) return;
  setLaneCount(lane + 1);
  Lane& l = m_lanes[static_cast<std::size_t>(lane)];
  if (l.tasks.empty() || l.tasks.back().start <= task.start) {
    l.tasks.push_back(task);
  } else {
    const auto later =
        std::upper_bound(l.tasks.begin(), l.tasks.end(), task, [](const LaneTask& a, const LaneTask& b) { return a.start < b.start; });
    l.tasks.insert(later, task);
  }
  l.longest = std::max(l.longest, task.seconds);
  m_end = std::max(m_end, task.end());
  ++m_tasks;
}

std::span<const LaneTask> TaskLanes::within(const Lane& lane, double from, double to) {
  const auto before = [](const LaneTask& task, double t) { return task.start < t; };
  const auto first = std::lower_bound(lane.tasks.begin(), lane.tasks.end(), from - static_cast<double>(lane.longest), before);
  const auto last = std::lower_bound(first, lane.tasks.end(), to, before);
  return {first, last};
}

std::optional<LaneTask> TaskLanes::at(int lane, double t, double tolerance) const {
  if (lane < 0 || lane >= laneCount()) return std::nullopt;
  std::optional<LaneTask> best;
  double bestDistance = tolerance;
  for (const LaneTask& task : within(m_lanes[static_cast<std::size_t>(lane)], t - tolerance, t + tolerance)) {
    const double distance = std::max({task.start - t, t - task.end(), 0.0});
    if (distance < bestDistance || (distance == 0 && bestDistance == 0) || (!best && distance <= tolerance)) {
      best = task;
      bestDistance = distance;
    }
  }
  return best;
}

void TaskLanes::summarise(int lane, double from, double secondsPerColumn, std::span<TaskColumn> columns) const {
  std::fill(columns.begin(), columns.end(), TaskColumn{});
  if (lane < 0 || lane >= laneCount() || columns.empty()) return;
  const auto count = static_cast<std::ptrdiff_t>(columns.size());
  const double perSecond = 1 / secondsPerColumn;
  for (const LaneTask& task : within(m_lanes[static_cast<std::size_t>(lane)], from, from + static_cast<double>(count) * secondsPerColumn)) {
    const double begin = (task.start - from) * perSecond;
    const double end = begin + static_cast<double>(task.seconds) * perSecond;
    const auto kind = static_cast<std::size_t>(task.kind);
    if (end <= 0) continue;
    const auto first = begin <= 0 ? std::ptrdiff_t{0} : static_cast<std::ptrdiff_t>(begin);
    const auto last = std::min(static_cast<std::ptrdiff_t>(end), count - 1);
    if (first >= count) continue;
    if (first >= last) {
      TaskColumn& column = columns[static_cast<std::size_t>(first)];
      column.share[kind] += static_cast<float>(std::min(end, static_cast<double>(first + 1)) - std::max(begin, static_cast<double>(first)));
      ++column.tasks;
      column.hasNarrow = column.hasNarrow || (begin >= 0 && end - begin < 1);
      if (task.kind == TaskKind::Failed) column.share[kind] = 1;  // however short, a failure is seen
      continue;
    }
    for (auto c = first; c <= last; ++c) {
      TaskColumn& column = columns[static_cast<std::size_t>(c)];
      column.share[kind] += static_cast<float>(std::min(end, static_cast<double>(c + 1)) - std::max(begin, static_cast<double>(c)));
      ++column.tasks;
    }
    if (begin >= 0 && end - begin >= 4) columns[static_cast<std::size_t>(first)].startsTask = true;
  }
}

TaskLanes::Totals TaskLanes::totals(double from, double to) const {
  Totals totals;
  for (const Lane& lane : m_lanes) {
    for (const LaneTask& task : within(lane, from, to)) {
      const double seconds = std::min(task.end(), to) - std::max(task.start, from);
      if (seconds < 0) continue;
      totals.seconds[static_cast<std::size_t>(task.kind)] += seconds;
      ++totals.tasks;
    }
  }
  return totals;
}

}  // namespace cubeloom
