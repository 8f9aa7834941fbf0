// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/buffer_pool.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <new>

namespace cubeloom {
namespace {

constexpr std::size_t kHuge = std::size_t{2} << 20;
constexpr std::size_t kOwnPages = std::size_t{128} << 10;

/// Pages of their own, so that what is freed is the system's again at once: an allocator would keep it, in pieces that fit nothing else.
std::byte* takePages(std::size_t capacity) {
  if (capacity < kOwnPages) return static_cast<std::byte*>(std::aligned_alloc(4096, capacity));
  const std::size_t extra = capacity >= kHuge ? kHuge - 4096 : 0;
  void* mapped = mmap(nullptr, capacity + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* begin = static_cast<std::byte*>(mapped);
  if (extra == 0) return begin;
  const std::size_t before = (kHuge - reinterpret_cast<std::uintptr_t>(begin) % kHuge) % kHuge;
  if (before > 0) munmap(begin, before);
  if (extra > before) munmap(begin + before + capacity, extra - before);
  madvise(begin + before, capacity, MADV_HUGEPAGE);
  return begin + before;
}

void givePages(std::byte* data, std::size_t capacity) {
  if (capacity < kOwnPages)
    std::free(data);
  else
    munmap(data, capacity);
}

}  // namespace

struct BufferPoolState {
  struct Kept {
    std::size_t capacity;
    std::byte* data;
  };
  std::mutex mutex;
  std::deque<Kept> kept;  // the one given back last at the end
  std::int64_t keptBytes = 0, live = 0, limit = 0, peak = 0;

  ~BufferPoolState() { release(0); }

  /// An exact fit only: chunks of a run have few sizes, and a loose fit would hold more than was planned. The newest: it is still in a
  /// cache.
  std::byte* reuse(std::size_t capacity) {
    const auto found = std::find_if(kept.rbegin(), kept.rend(), [capacity](const Kept& buffer) { return buffer.capacity == capacity; });
    if (found == kept.rend()) return nullptr;
    std::byte* data = found->data;
    kept.erase(std::next(found).base());
    keptBytes -= static_cast<std::int64_t>(capacity);
    return data;
  }
  /// Without memory for the list the buffer goes back to the system.
  void keep(std::size_t capacity, std::byte* data) noexcept {
    try {
      kept.push_back({capacity, data});
      keptBytes += static_cast<std::int64_t>(capacity);
    } catch (const std::bad_alloc&) {
      givePages(data, capacity);
    }
  }
  /// Gives kept buffers back to the system, the oldest first, until at most `bytes` are left in them.
  void release(std::int64_t bytes) {
    while (!kept.empty() && keptBytes > bytes) {
      keptBytes -= static_cast<std::int64_t>(kept.front().capacity);
      givePages(kept.front().data, kept.front().capacity);
      kept.pop_front();
    }
  }
};

Buffer::Buffer(Buffer&& other) noexcept { *this = std::move(other); }

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  std::swap(m_data, other.m_data);
  std::swap(m_size, other.m_size);
  std::swap(m_capacity, other.m_capacity);
  std::swap(m_pool, other.m_pool);
  return *this;
}

Buffer::~Buffer() {
  if (!m_data) return;
  const std::lock_guard lock(m_pool->mutex);
  m_pool->live -= static_cast<std::int64_t>(m_capacity);
  m_pool->keep(m_capacity, m_data);
}

BufferPool::BufferPool() : m_state(std::make_shared<BufferPoolState>()) {}

std::size_t BufferPool::roundedBytes(std::size_t bytes) {
  const std::size_t unit = bytes >= kHuge ? kHuge : std::size_t{4096};
  return (std::max<std::size_t>(bytes, 1) + unit - 1) / unit * unit;
}

Buffer BufferPool::take(std::size_t bytes) {
  Buffer buffer;
  buffer.m_size = bytes;
  buffer.m_capacity = roundedBytes(bytes);
  buffer.m_pool = m_state;
  {
    const std::lock_guard lock(m_state->mutex);
    m_state->live += static_cast<std::int64_t>(buffer.m_capacity);
    m_state->limit = std::max(m_state->limit, m_state->live);
    buffer.m_data = m_state->reuse(buffer.m_capacity);
    m_state->release(m_state->limit - m_state->live);
    m_state->peak = std::max(m_state->peak, m_state->live + m_state->keptBytes);
  }
  if (!buffer.m_data) buffer.m_data = takePages(buffer.m_capacity);
  if (buffer.m_data) return buffer;
  const std::lock_guard lock(m_state->mutex);
  m_state->release(0);  // what is kept may be what is missing
  buffer.m_data = takePages(buffer.m_capacity);
  if (buffer.m_data) return buffer;
  m_state->live -= static_cast<std::int64_t>(buffer.m_capacity);
  throw std::bad_alloc();
}

std::int64_t BufferPool::liveBytes() const {
  const std::lock_guard lock(m_state->mutex);
  return m_state->live;
}

std::int64_t BufferPool::peakBytes() const {
  const std::lock_guard lock(m_state->mutex);
  return m_state->peak;
}

std::int64_t BufferPool::heldBytes() const {
  const std::lock_guard lock(m_state->mutex);
  return m_state->live + m_state->keptBytes;
}

void BufferPool::setRoom(std::int64_t bytes) {
  const std::lock_guard lock(m_state->mutex);
  m_state->limit = std::max(m_state->live, bytes);
  m_state->release(m_state->limit - m_state->live);
}

void BufferPool::resetPeak() {
  const std::lock_guard lock(m_state->mutex);
  m_state->release(0);
  m_state->limit = m_state->peak = m_state->live;
}

Block makeBlock(BufferPool& pool, PixelType type, const std::vector<std::int64_t>& shape) {
  std::size_t bytes = pixelTypeBytes(type);
  for (const std::int64_t size : shape) bytes *= static_cast<std::size_t>(size);
  Block block{pool.take(bytes), {}};
  block.view = denseView(block.buffer.data(), type, shape);
  return block;
}

}  // namespace cubeloom
