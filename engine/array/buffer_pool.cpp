// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/buffer_pool.h"

#include <sys/mman.h>

#include <cstdlib>
#include <map>
#include <new>

namespace cubeloom {
namespace {

constexpr std::size_t kHuge = std::size_t{2} << 20;
constexpr std::size_t kKeepAtMost = std::size_t{256} << 20;

}  // namespace

struct BufferPoolState {
  std::mutex mutex;
  std::multimap<std::size_t, std::byte*> free;
  std::size_t freeBytes = 0;
  std::atomic<std::int64_t> live{0}, peak{0};
  ~BufferPoolState() {
    for (auto& [size, data] : free) std::free(data);
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
  m_pool->live -= static_cast<std::int64_t>(m_capacity);
  const std::lock_guard lock(m_pool->mutex);
  if (m_pool->freeBytes + m_capacity > kKeepAtMost) {
    std::free(m_data);
    return;
  }
  m_pool->free.emplace(m_capacity, m_data);
  m_pool->freeBytes += m_capacity;
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
    // An exact fit only: chunks of a run have few sizes, and a loose fit would hold more than was planned.
    if (const auto found = m_state->free.find(buffer.m_capacity); found != m_state->free.end()) {
      buffer.m_data = found->second;
      m_state->freeBytes -= buffer.m_capacity;
      m_state->free.erase(found);
    }
  }
  if (!buffer.m_data) {
    const std::size_t alignment = buffer.m_capacity >= kHuge ? kHuge : std::size_t{4096};
    buffer.m_data = static_cast<std::byte*>(std::aligned_alloc(alignment, buffer.m_capacity));
    if (!buffer.m_data) throw std::bad_alloc();
    if (buffer.m_capacity >= kHuge) madvise(buffer.m_data, buffer.m_capacity, MADV_HUGEPAGE);
  }
  const std::int64_t live = m_state->live += static_cast<std::int64_t>(buffer.m_capacity);
  std::int64_t peak = m_state->peak.load();
  while (live > peak && !m_state->peak.compare_exchange_weak(peak, live)) {
  }
  return buffer;
}

std::int64_t BufferPool::liveBytes() const { return m_state->live; }
std::int64_t BufferPool::peakBytes() const { return m_state->peak; }

std::int64_t BufferPool::heldBytes() const {
  const std::lock_guard lock(m_state->mutex);
  return m_state->live + static_cast<std::int64_t>(m_state->freeBytes);
}

void BufferPool::resetPeak() { m_state->peak = m_state->live.load(); }

void BufferPool::trim() {
  const std::lock_guard lock(m_state->mutex);
  for (auto& [size, data] : m_state->free) std::free(data);
  m_state->free.clear();
  m_state->freeBytes = 0;
}

Block makeBlock(BufferPool& pool, PixelType type, const std::vector<std::int64_t>& shape) {
  std::size_t bytes = pixelTypeBytes(type);
  for (const std::int64_t size : shape) bytes *= static_cast<std::size_t>(size);
  Block block{pool.take(bytes), {}};
  block.view = denseView(block.buffer.data(), type, shape);
  return block;
}

}  // namespace cubeloom
