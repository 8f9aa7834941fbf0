// SPDX-License-Identifier: GPL-3.0-or-later
// Everything the workers did, one lane each, in 24 bytes a task; and its summary by pixel column, which is all a timeline needs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cubeloom {

enum class TaskKind : std::uint8_t { Read, Compute, Write, Failed };
constexpr int kTaskKinds = 4;

/// One bar. Times in seconds since the start of the run.
struct LaneTask {
  double start = 0;
  float seconds = 0;
  std::uint32_t chunk = 0;
  std::int16_t node = -1;  ///< index into the names of the operations; -1: none
  std::int16_t stage = 0;
  TaskKind kind = TaskKind::Compute;
  double end() const { return start + static_cast<double>(seconds); }
};

/// What one pixel column of one lane shows.
struct TaskColumn {
  float share[kTaskKinds] = {};  ///< of the column's time, by kind; their sum may exceed 1 where tasks overlap
  std::uint32_t tasks = 0;       ///< that touch the column
  bool hasNarrow = false;        ///< a whole task narrower than the column lies in it
  bool startsTask = false;       ///< a task at least four columns wide begins here
  /// Single tasks cannot be told apart.
  bool isMerged() const { return hasNarrow && tasks > 1; }
};

/// GUI thread only.
class TaskLanes {
 public:
  void clear();
  void setLaneCount(int count);  ///< at least; lanes appear by themselves too
  /// Times within a lane usually ascend; a late one is put in its place.
  void add(int lane, const LaneTask& task);

  int laneCount() const { return static_cast<int>(m_lanes.size()); }
  std::size_t taskCount() const { return m_tasks; }
  std::span<const LaneTask> tasks(int lane) const { return m_lanes[static_cast<std::size_t>(lane)].tasks; }
  double end() const { return m_end; }
  /// The task that runs at `t`, or the nearest one within `tolerance` seconds.
  std::optional<LaneTask> at(int lane, double t, double tolerance) const;
  /// Fills `columns`, which cover [from, from + columns.size() * secondsPerColumn).
  void summarise(int lane, double from, double secondsPerColumn, std::span<TaskColumn> columns) const;
  /// Busy seconds by kind within [from, to) over all lanes, and the number of tasks that touch it.
  struct Totals {
    double seconds[kTaskKinds] = {};
    std::size_t tasks = 0;
  };
  Totals totals(double from, double to) const;

 private:
  struct Lane {
    std::vector<LaneTask> tasks;  // by start
    float longest = 0;
  };
  /// Tasks that may touch [from, to).
  static std::span<const LaneTask> within(const Lane& lane, double from, double to);

  std::vector<Lane> m_lanes;
  std::size_t m_tasks = 0;
  double m_end = 0;
};

}  // namespace cubeloom
