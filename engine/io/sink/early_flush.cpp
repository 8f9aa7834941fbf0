// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/early_flush.h"

#include <fcntl.h>
#include <unistd.h>

#include <system_error>

#include "engine/io/sink/flush.h"

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
    m_wake.wait(lock, [this] { return m_isAsked || m_isEnding.load(); });
    if (m_isEnding) return;
    m_isAsked = false;
    lock.unlock();
    // Not all at once: where the disk takes no more requests it waits, and so would who ends it.
    beginFlushInPieces(m_descriptor, [this] { return m_isEnding.load(); });
    lock.lock();
  }
}

}  // namespace cubeloom
