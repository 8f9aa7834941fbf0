// SPDX-License-Identifier: GPL-3.0-or-later
// A run as its events tell it, read back: the lines of `run --events`, or of a run that the window has kept.
#pragma once

#include <optional>
#include <vector>

#include "engine/base/result.h"
#include "ui/monitor/run_history.h"

namespace cubeloom {

/// What a history is fed with, in order.
struct RunFile {
  struct Step {
    Snapshot snapshot;
    std::vector<ChunkEvent> events;  ///< that ended since the step before
  };
  RunFacts facts;
  std::vector<Step> steps;
  RunReport report;  ///< of a run that was killed: failed, with what had been told until then

  void replay(RunHistory& history) const;
};

/// Reads the whole file: not on the GUI thread. A line that is cut off ends it. OpenFailed: no file, larger than 1 GiB, no events of a run.
Result<RunFile> readRunFile(const std::string& path);

}  // namespace cubeloom
