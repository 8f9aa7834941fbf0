// SPDX-License-Identifier: GPL-3.0-or-later
// Which kept runs have left something on the disk that a run of the same chain goes on with.
#pragma once

#include <set>
#include <vector>

#include "engine/access/sink.h"
#include "engine/op/operation.h"
#include "ui/run/kept_runs.h"

namespace cubeloom {

/// The folders of those of `runs` (newest first) that did not come to their end, beside whose outputs a part lies, and after which no other
/// run wrote to these. Reads the file system: not on the GUI thread.
std::set<QString> resumableRuns(const std::vector<KeptRun>& runs, SinkProvider& sinks, const Registry& registry, const CancelToken& cancel);

}  // namespace cubeloom
