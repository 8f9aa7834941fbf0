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

/// Hands out buffers and reuses freed ones (fresh pages are expensive). What it keeps for that never lifts what it holds above its room, or
/// the most that was handed out at once: the peak that a plan projects is what the process has. Thread-safe. Copies share one pool.
class BufferPool {
 public:
  BufferPool();
  Buffer take(std::size_t bytes);
  /// What a buffer of `bytes` really holds: whole pages, large ones of 2 MiB.
  static std::size_t roundedBytes(std::size_t bytes);
  std::int64_t liveBytes() const;  ///< handed out now
  std::int64_t heldBytes() const;  ///< handed out or kept for reuse
  std::int64_t peakBytes() const;  ///< most that was held at once
  /// What may be held from now on, unless more is handed out at once: without it (0), a buffer of a new size would often drive one out that
  /// the next chunk asks for. Kept buffers beyond it go back to the system.
  void setRoom(std::int64_t bytes);
  /// Counts anew, from what is handed out; what is kept goes back to the system.
  void resetPeak();

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
