// SPDX-License-Identifier: GPL-3.0-or-later
// What a node has to learn before the first chunk is written.
#pragma once

#include "engine/run/run_state.h"

namespace cubeloom {

/// Runs all passes of a fit on the run's workers and puts the fitted operation into the run's graph. `firstPass`: the number of the first.
/// Canceled when the run was stopped meanwhile.
Result<void> runFit(RunState& run, const FitStage& fit, int firstPass);

}  // namespace cubeloom
