// SPDX-License-Identifier: GPL-3.0-or-later
// What the program that leads a run on a cluster tells, line by line, as the snapshots and events of a run.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/run/eta.h"
#include "engine/run/run.h"

namespace cubeloom {

/// One thread.
class ClusterEvents {
 public:
  ClusterEvents(const Plan& plan, int threads);

  /// `now`: seconds since the run's start, when the line came. What is no event is passed over.
  void take(const std::string& line, double now);
  const Snapshot& snapshot() const { return m_snapshot; }
  const std::vector<ChunkEvent>& events() const { return m_events; }
  const std::vector<RunNote>& notes() const { return m_notes; }
  std::int64_t chunksDone() const { return m_chunksDone; }
  void note(double now, bool isWarning, std::string text) { m_notes.push_back({now, isWarning, std::move(text)}); }

 private:
  struct Line;
  void takeChunk(const Line& line);
  void takeSnapshot(const Line& line);
  void takeCluster(const Line& line);
  void countDone(int stage, std::int64_t index);

  const Plan& m_plan;
  Snapshot m_snapshot;
  std::vector<ChunkEvent> m_events;
  std::vector<RunNote> m_notes;
  std::map<std::string, int> m_nodes;             ///< graph index by id
  std::vector<std::vector<char>> m_isDone;        ///< by stage and chunk
  std::vector<std::vector<std::size_t>> m_above;  ///< by stage: the nodes that its chunks need
  std::int64_t m_chunksDone = 0;
  double m_offset = -1;  ///< of the program's clock; -1: it has told nothing yet
  EtaEstimator m_eta;
};

/// The report that the program leaves, as far as it goes: of a run that did not get there, what is in `report` stays. So does what was read
/// of the inputs: the program's sum has the parts in it, which are read once more at the end.
void readClusterReport(const std::string& text, RunReport& report);
/// The sentences of its stderr as errors, what ended it first; `code` is its exit status.
std::vector<Error> clusterErrors(const std::string& said, int code);

}  // namespace cubeloom
