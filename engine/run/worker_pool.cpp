// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/worker_pool.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <algorithm>

namespace cubeloom {

void runWorkers(int count, const std::function<void(int)>& work) {
  namespace tbb = oneapi::tbb;
  // Workers may wait at the gate, so each needs a thread of its own, also beyond the number of cores.
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(std::max(count, 2) + 1));
  tbb::task_arena arena(count, 1);
  arena.execute([&] {
    tbb::task_group group;
    for (int i = 1; i < count; ++i) group.run([&work, i] { work(i); });
    work(0);
    group.wait();
  });
}

}  // namespace cubeloom
