// SPDX-License-Identifier: GPL-3.0-or-later
// Sends a file on its way to the disk while it is still being written, so that the flush before publishing finds little left to do.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "engine/io/sink/part_file.h"

namespace cubeloom {

/// For a file that stays: what is written only to be removed again should never reach the disk. A thread of its own waits for the disk; it
/// begins with the first full step, so that small outputs have none. Thread-safe. What fails here the flush before publishing will say.
class EarlyFlush {
 public:
  /// Small enough that the disk is not idle for long, and large enough that scattered pieces have neighbours by the time they are written.
  static constexpr std::int64_t kStepBytes = std::int64_t{64} << 20;

  /// The file outlives this, open or closed.
  explicit EarlyFlush(const PartFile& file, std::int64_t stepBytes = kStepBytes) : m_file(file), m_stepBytes(stepBytes) {}
  ~EarlyFlush();
  EarlyFlush(const EarlyFlush&) = delete;
  EarlyFlush& operator=(const EarlyFlush&) = delete;

  /// After `bytes` more were written anywhere in the open file.
  void wrote(std::int64_t bytes);

 private:
  void flushWhenAsked();

  const PartFile& m_file;
  const std::int64_t m_stepBytes;
  std::mutex m_mutex;  // guards all below
  std::condition_variable m_wake;
  std::int64_t m_bytes = 0;
  bool m_isAsked = false;
  std::atomic<bool> m_isEnding{false};
  int m_descriptor = -1;  // its own: the file may be closed meanwhile
  std::thread m_thread;
};

}  // namespace cubeloom
