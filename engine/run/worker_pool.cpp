// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/worker_pool.h"

#ifndef CUBELOOM_PLAIN_THREADS
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#endif

#include <system_error>
#include <thread>
#include <vector>

namespace cubeloom {

namespace {

/// oneTBB cannot live with a thread that the system refuses, so the threads are ours: its arena takes them in.
void startThreads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  try {
    for (int i = 1; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
  } catch (const std::system_error&) {  // with those that are there
  }
  work(0);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

#ifdef CUBELOOM_PLAIN_THREADS

// For ThreadSanitizer, which does not see how a packaged libtbb synchronises: reports that are none, or silence where it is suppressed.
void runWorkers(int count, const std::function<void(int)>& work) { startThreads(count, work); }

#else

void runWorkers(int count, const std::function<void(int)>& work) {
  namespace tbb = oneapi::tbb;
  const tbb::global_control noneOfItsOwn(tbb::global_control::max_allowed_parallelism, 1);
  tbb::task_arena arena(count, static_cast<unsigned>(count));
  startThreads(count, [&](int i) { arena.execute([&work, i] { work(i); }); });
}

#endif

}  // namespace cubeloom
