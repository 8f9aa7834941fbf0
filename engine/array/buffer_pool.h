// SPDX-License-Identifier: GPL-3.0-or-later
// Pixel buffers, counted: the engine's own high-water mark is what a run reports as measured peak.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/array/block.h"

namespace cubeloom {

class BufferPool;

/// Owns bytes; gives them back to its pool. Movable. 64-byte aligned; large ones 2 MiB-aligned and advised huge.
class Buffer {
 public:
  Buffer() = default;
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();
  std::byte* data() const { return m_data; }
  std::size_t size() const { return m_size; }
  explicit operator bool() const { return m_data != nullptr; }

 private:
  friend class BufferPool;
  std::byte* m_data = nullptr;
  std::size_t m_size = 0, m_capacity = 0;
  std::shared_ptr<struct BufferPoolState> m_pool;
};

/// Hands out buffers and reuses freed ones (fresh pages are dear). What it keeps for that never lifts what it holds above the most that was
/// handed out at once: the peak that a plan projects is what the process has. Thread-safe. Copies share one pool.
class BufferPool {
 public:
  BufferPool();
  Buffer take(std::size_t bytes);
  std::int64_t liveBytes() const;  ///< handed out now
  std::int64_t peakBytes() const;  ///< most that was handed out at once
  std::int64_t heldBytes() const;  ///< handed out or kept for reuse
  void resetPeak();
  /// Gives kept buffers back to the system.
  void trim();

 private:
  std::shared_ptr<struct BufferPoolState> m_state;
};

/// A dense block with its memory.
struct Block {
  Buffer buffer;
  BlockView view;
};
Block makeBlock(BufferPool& pool, PixelType type, const std::vector<std::int64_t>& shape);

}  // namespace cubeloom
