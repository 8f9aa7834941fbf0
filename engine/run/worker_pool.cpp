// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/worker_pool.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/guard.h"

#ifdef CUBELOOM_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

namespace cubeloom {
namespace {

namespace tbb = oneapi::tbb;

// ThreadSanitizer does not see how a packaged libtbb synchronises, and this file is built without it. It is told here that a task begins
// after it was started; that it ends before what follows, it sees by the mutex that is taken then.

void tellStart([[maybe_unused]] void* of) {
#ifdef CUBELOOM_THREAD_SANITIZER
  __tsan_release(of);
#endif
}
void tellBegin([[maybe_unused]] void* of) {
#ifdef CUBELOOM_THREAD_SANITIZER
  __tsan_acquire(of);
#endif
}

/// Threads wait here until as many have come as are expected, or it takes too long.
class Meeting {
 public:
  explicit Meeting(int expected) : m_expected(expected) {}
  void arrive() {
    std::unique_lock lock(m_mutex);
    ++m_arrived;
    m_changed.notify_all();
    m_changed.wait_for(lock, kPatience, [this] { return m_arrived >= m_expected; });
  }

 private:
  static constexpr std::chrono::seconds kPatience{1};
  const int m_expected;
  int m_arrived = 0;
  std::mutex m_mutex;
  std::condition_variable m_changed;
};

/// How many threads the system gives at once, `wanted` at most. oneTBB ends the process when it is refused one, so it is asked before.
int threadsToBeHad(int wanted) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(wanted));
  std::mutex hold;
  {
    const std::lock_guard lock(hold);
    try {
      while (static_cast<int>(threads.size()) < wanted) threads.emplace_back([&hold] { const std::lock_guard until(hold); });
    } catch (const std::system_error&) {  // these are all
    }
  }
  for (std::thread& thread : threads) thread.join();
  return static_cast<int>(threads.size());
}

/// How many threads oneTBB may have for all pools of the process together; it knows one limit alone.
class ThreadAllowance {
 public:
  explicit ThreadAllowance(int threads) : m_threads(threads) { change(threads); }
  ThreadAllowance(const ThreadAllowance&) = delete;
  ThreadAllowance& operator=(const ThreadAllowance&) = delete;
  ~ThreadAllowance() { change(-m_threads); }

 private:
  static void change(int by) {
    static std::mutex mutex;
    static int all = 0;
    static std::optional<tbb::global_control> limit;
    const std::lock_guard lock(mutex);
    all += by;
    limit.reset();
    if (all > 0) limit.emplace(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(all) + 1);
  }
  const int m_threads;
};

}  // namespace

/// The first slot is kept for the thread that starts tasks from outside; it works on none of them.
struct WorkerPool::Arena {
  explicit Arena(int threads) : allowance(threads), arena(threads + 1, 1) {}

  ThreadAllowance allowance;
  tbb::task_arena arena;
  tbb::task_group tasks;
  std::mutex mutex;  ///< guards `going`
  std::condition_variable ended;
  int going = 0;  ///< tasks
};

WorkerPool::WorkerPool() = default;

WorkerPool::~WorkerPool() { wait(); }

Result<void> WorkerPool::grow(int workers) {
  if (workers <= m_workers) return {};
  wait();
  m_arena.reset();
  const int threads = threadsToBeHad(workers);
  if (threads == 0) return fail(outOfMemory("threads"));
  auto arena = std::make_unique<Arena>(threads);
  arena->arena.initialize();  // one that throws here is never touched again: oneTBB would wait for it for ever
  m_arena = std::move(arena);
  // The threads are made now, while there is room for them, and get the names that `top -H` and debuggers show.
  Meeting meeting(threads);
  for (int i = 0; i < threads; ++i)
    start([&meeting](int worker) {
      ::pthread_setname_np(::pthread_self(), ("worker " + std::to_string(worker + 1)).c_str());
      meeting.arrive();
    });
  wait();
  m_workers = workers;
  return {};
}

void WorkerPool::start(std::function<void(int worker)> task) {
  Arena* arena = m_arena.get();
  const auto count = [arena](int by) {
    const std::lock_guard lock(arena->mutex);
    arena->going += by;
    if (arena->going == 0) arena->ended.notify_all();
  };
  // oneTBB keeps a pointer alone: all else is gone when the task counts as ended.
  auto kept = std::make_unique<std::function<void(int)>>(std::move(task));
  count(1);
  tellStart(arena);
  try {
    arena->arena.execute([&] {
      arena->tasks.run([arena, count, perform = kept.get()] {
        tellBegin(arena);
        {
          const std::unique_ptr<std::function<void(int)>> mine(perform);
          (*mine)(tbb::this_task_arena::current_thread_index() - 1);
        }
        count(-1);
      });
    });
  } catch (...) {
    count(-1);
    throw;
  }
  (void)kept.release();  // the task's
}

void WorkerPool::wait() {
  if (!m_arena) return;
  {
    std::unique_lock lock(m_arena->mutex);
    m_arena->ended.wait(lock, [this] { return m_arena->going == 0; });
  }
  m_arena->arena.execute([this] { m_arena->tasks.wait(); });  // for what oneTBB itself has to do behind the last one
}

void WorkerPool::each(int count, int most, const std::function<void(int)>& work) {
  std::mutex mutex;
  int next = 0;
  const auto takeTurn = [&] {
    const std::lock_guard lock(mutex);
    return next < count ? next++ : count;
  };
  const auto takeTurns = [&] {
    tellBegin(&mutex);
    for (int i = takeTurn(); i < count; i = takeTurn()) work(i);
  };
  if (!m_arena) return takeTurns();
  tellStart(&mutex);
  m_arena->arena.execute([&] {
    tbb::this_task_arena::isolate([&] {
      tbb::task_group helpers;
      for (int i = 1; i < std::min(most, count); ++i) helpers.run(takeTurns);
      takeTurns();
      helpers.wait();
    });
  });
  const std::lock_guard afterAll(mutex);
}

}  // namespace cubeloom
