// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/file/descriptor_pool.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <utility>

namespace cubeloom {
namespace {

constexpr std::int64_t kForOthers = 64;

}  // namespace

void raiseDescriptorLimit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::int64_t descriptorShare() {
  rlimit limit{};
  constexpr std::int64_t kUsual = 1024, kMost = 1 << 20;
  const bool isKnown = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
  const auto all = isKnown ? static_cast<std::int64_t>(std::min<rlim_t>(limit.rlim_cur, kMost)) : kUsual;
  return std::max<std::int64_t>(all - kForOthers, 32) / 4;
}

/// The open ones, in the order of their last use.
class TurnQueue {
 public:
  static TurnQueue& instance() {
    static TurnQueue queue;
    return queue;
  }

  void add(TurnDescriptor& file) {
    const std::lock_guard lock(m_mutex);
    append(file);
    closeIdle();
  }

  void remove(TurnDescriptor& file) {
    const std::lock_guard lock(m_mutex);
    if (file.m_descriptor >= 0) close(file);
  }

  int acquire(TurnDescriptor& file) {
    if (const int open = acquireOpen(file, -1); open >= 0) return open;
    // Not under the lock: a drive that is gone may hold this up, and must not hold up the others.
    int fresh = file.m_open();
    if (fresh < 0 && (errno == EMFILE || errno == ENFILE) && closeOldest()) fresh = file.m_open();
    return fresh < 0 ? -1 : acquireOpen(file, fresh);
  }

  void release(TurnDescriptor& file) {
    const std::lock_guard lock(m_mutex);
    --file.m_users;
    closeIdle();
  }

 private:
  /// `fresh` becomes its descriptor, unless another thread was faster; -1 where it is not open.
  int acquireOpen(TurnDescriptor& file, int fresh) {
    const std::lock_guard lock(m_mutex);
    if (file.m_descriptor >= 0) {
      if (fresh >= 0) ::close(fresh);
      unlink(file);
    } else {
      if (fresh < 0) return -1;
      file.m_descriptor = fresh;
    }
    append(file);
    ++file.m_users;
    closeIdle();
    return file.m_descriptor;
  }

  bool closeOldest() {
    const std::lock_guard lock(m_mutex);
    for (TurnDescriptor* file = m_oldest; file != nullptr; file = file->m_newer) {
      if (file->m_users > 0) continue;
      close(*file);
      return true;
    }
    return false;
  }

  void append(TurnDescriptor& file) {
    file.m_older = m_newest;
    file.m_newer = nullptr;
    (m_newest != nullptr ? m_newest->m_newer : m_oldest) = &file;
    m_newest = &file;
    ++m_count;
  }

  void unlink(TurnDescriptor& file) {
    (file.m_older != nullptr ? file.m_older->m_newer : m_oldest) = file.m_newer;
    (file.m_newer != nullptr ? file.m_newer->m_older : m_newest) = file.m_older;
    --m_count;
  }

  void close(TurnDescriptor& file) {
    unlink(file);
    ::close(std::exchange(file.m_descriptor, -1));
  }

  void closeIdle() {
    if (m_count <= 1) return;
    const std::int64_t most = descriptorShare();
    for (TurnDescriptor* file = m_oldest; file != nullptr && m_count > most;) {
      TurnDescriptor* next = file->m_newer;
      if (file->m_users == 0) close(*file);
      file = next;
    }
  }

  std::mutex m_mutex;
  TurnDescriptor *m_oldest = nullptr, *m_newest = nullptr;
  std::int64_t m_count = 0;
};

TurnDescriptor::TurnDescriptor(int descriptor, std::function<int()> open) : m_open(std::move(open)), m_descriptor(descriptor) {
  TurnQueue::instance().add(*this);
}

TurnDescriptor::~TurnDescriptor() { TurnQueue::instance().remove(*this); }

int TurnDescriptor::acquire() { return TurnQueue::instance().acquire(*this); }

void TurnDescriptor::release() { TurnQueue::instance().release(*this); }

}  // namespace cubeloom
