// SPDX-License-Identifier: GPL-3.0-or-later
// What a run tells as lines of JSON: the same for the command line's stream, an event file and the window (interfaces.md, "run").
#pragma once

#include <functional>
#include <string>
#include <unordered_set>

#include "engine/run/run.h"

namespace cubeloom {

/// Turns a run into lines, each one JSON object with "event" and "t" (seconds since the start): run_started, warning, node_started, then
/// chunk, snapshot and node_finished as it goes, at its end error and run_finished. One thread.
class EventStream {
 public:
  /// `write` gets every line without its newline.
  EventStream(const Plan& plan, std::function<void(const std::string& line)> write);

  /// Before the run.
  void start(const Plan& plan);
  /// What has happened since the last call; as often as a snapshot is wanted.
  void pull(Run& run) { pull(run, run.snapshot()); }
  /// With a snapshot that the caller has taken.
  void pull(Run& run, const Snapshot& snapshot);
  /// After the last pull().
  void finish(const RunReport& report);

 private:
  std::function<void(const std::string& line)> m_write;
  std::size_t m_cursor = 0;
  std::unordered_set<std::string> m_unfinished;  ///< nodes
};

}  // namespace cubeloom
