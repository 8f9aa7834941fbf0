// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/early_flush.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

namespace cubeloom {

EarlyFlush::~EarlyFlush() {
  if (m_thread.joinable()) {
    {
      const std::lock_guard lock(m_mutex);
      m_isEnding = true;
    }
    m_wake.notify_one();
    m_thread.join();
  }
  if (m_descriptor >= 0) ::close(m_descriptor);
}

void EarlyFlush::wrote(std::int64_t bytes) {
  const std::lock_guard lock(m_mutex);
  m_bytes += bytes;
  if (m_bytes < m_stepBytes) return;
  m_bytes = 0;
  if (!m_thread.joinable()) {
    if (m_descriptor < 0) m_descriptor = m_file.duplicate();
    try {
      m_thread = std::thread([this] { flushWhenAsked(); });
    } catch (const std::system_error&) {
      return;  // no thread is to be had: then all of it is flushed at the end
    }
  }
  m_isAsked = true;
  m_wake.notify_one();
}

void EarlyFlush::flushWhenAsked() {
  std::unique_lock lock(m_mutex);
  while (true) {
    m_wake.wait(lock, [this] { return m_isAsked || m_isEnding; });
    if (m_isEnding) return;
    m_isAsked = false;
    lock.unlock();
    // Begins to write what is not on the disk yet; waits only where the disk takes no more requests.
    (void)::sync_file_range(m_descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
    lock.lock();
  }
}

}  // namespace cubeloom
