// SPDX-License-Identifier: GPL-3.0-or-later
// What a node has to learn before the first chunk is written.
#pragma once

#include "engine/run/run_state.h"

namespace cubeloom {

/// Of a part of a run: what it learns it shares with the other parts. Whatever of it others have kept is not learned again; a part begins
/// with its own share, so that parts at work at the same time share the work.
struct FitSharing {
  std::shared_ptr<SharedStates> states;
  RunPart part;
};

/// Runs all passes of a fit on the run's workers and puts the fitted operation into the run's graph. `firstPass`: the number of the first.
/// Canceled when the run was stopped meanwhile.
Result<void> runFit(RunState& run, const FitStage& fit, int firstPass, const FitSharing& sharing = {});

}  // namespace cubeloom
