// SPDX-License-Identifier: GPL-3.0-or-later
// A file read by position, from any thread, without mmap: a drive that goes away is an error here, not a signal.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/base/result.h"
#include "engine/io/file/descriptor_pool.h"

namespace cubeloom {

/// Open for reading as long as it lives; where a process has more files than it may have open, as long as somebody reads. Thread-safe.
class RawFile {
 public:
  /// OpenFailed: missing, not readable, or not a regular file (a pipe or device is never opened).
  static Result<std::shared_ptr<RawFile>> open(const std::string& path);
  ~RawFile();
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  const std::string& path() const { return m_path; }
  std::int64_t sizeBytes() const { return m_sizeBytes; }

  /// Holes of a sparse file are zeros without a read. Fills [to, to + bytes) from `offset`, however often the system stops short. Where the
  /// pages are not in memory, asks the system to fetch ahead up to `expectedEnd`, the end of what the caller is about to read. ReadFailed
  /// names path and offset; the next read then goes through a fresh descriptor, so that trying again helps where a network drive was gone
  /// for a while.
  Result<void> read(std::byte* to, std::int64_t bytes, std::int64_t offset, std::int64_t expectedEnd) const;

  /// Whether the byte at `offset` can be had without waiting for the disk, as far as the system tells: true where it does not.
  bool isAtHand(std::int64_t offset) const;
  /// Sets the system fetching [offset, offset + bytes) into memory, without waiting for it.
  void fetch(std::int64_t offset, std::int64_t bytes) const;

  static constexpr std::int64_t kWindowBytes = std::int64_t{2} << 20;
  /// Of shorter extents the system's cache is as quick.
  static constexpr std::int64_t kLeastPastCache = std::int64_t{1} << 20;
  struct Held {
    const std::byte* data = nullptr;
    std::int64_t bytes = 0;
  };
  /// Reads from `offset` on, at most up to `end`, straight from the disk into `window`: kWindowBytes, aligned to pages. The system's cache
  /// is not filled, which for much data spares half of the work. Nothing where that is not possible or does not pay: the beginning in
  /// memory already, a hole, a file system that cannot, an error. Then read() is to be asked.
  std::optional<Held> readPastCache(std::byte* window, std::int64_t offset, std::int64_t end) const;

 private:
  class Use;
  RawFile(std::string path, int descriptor, std::int64_t sizeBytes);
  void reopen(int descriptor) const;
  std::int64_t readCached(int descriptor, std::byte* to, std::int64_t bytes, std::int64_t offset) const;
  bool isHole(int descriptor, std::int64_t offset, std::int64_t bytes) const;
  int openPastCache() const;

  std::string m_path;
  int m_descriptor;                           ///< its own; -1: it takes turns
  std::unique_ptr<TurnDescriptor> m_turns{};  ///< with others
  std::int64_t m_sizeBytes;
  bool m_isSparse = false;
  std::uint64_t m_serial;  ///< tells files apart where addresses are used again
  mutable std::atomic<bool> m_canProbe{true};
  mutable std::once_flag m_opensPastCache;
  mutable int m_pastCache = -1;  ///< a descriptor for reading past the cache, once asked for
  mutable std::atomic<bool> m_canPassCache{true};
};

}  // namespace cubeloom
