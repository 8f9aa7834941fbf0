// SPDX-License-Identifier: GPL-3.0-or-later
// The threads on which a run's workers compute; oneTBB, or plain threads where its own synchronisation cannot be seen, behind a function.
#pragma once

#include <functional>

namespace cubeloom {

/// Calls `work(0) ... work(count - 1)` at once, each on a thread of its own, and returns when all are done. Where the system gives fewer
/// threads the last ones are left out; work(0) is always done. `work` must not throw.
void runWorkers(int count, const std::function<void(int)>& work);

}  // namespace cubeloom
