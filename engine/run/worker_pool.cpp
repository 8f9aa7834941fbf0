// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/worker_pool.h"

#ifdef CUBELOOM_PLAIN_THREADS
#include <thread>
#else
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>
#endif

#include <algorithm>

namespace cubeloom {

#ifdef CUBELOOM_PLAIN_THREADS

// For ThreadSanitizer, which does not see how a packaged libtbb synchronises: reports that are none, or silence where it is suppressed.
void runWorkers(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 1; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  work(0);
  for (std::thread& thread : threads) thread.join();
}

#else

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

#endif

}  // namespace cubeloom
