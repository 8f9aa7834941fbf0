// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/zarr/zarr_chunks.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/array/strided_copy.h"
#include "engine/base/text.h"
#include "engine/io/file/io_error.h"

namespace cubeloom {
namespace {

constexpr std::size_t kExtentBytes = 16, kMostIndexBytes = std::size_t{8} << 20;
constexpr double kMaxWholeBytes = 64.0 * 1024 * 1024, kMaxWholeChunks = 1e5;

Failure broken(const ZarrStore& store, const std::string& key, const std::string& why, const std::string& hint) {
  return failAt(ErrorCode::ReadFailed, store.path(), key + " of " + store.path() + ": " + why, hint);
}

}  // namespace

ZarrChunks::ZarrChunks(std::shared_ptr<const ZarrStore> store, const ZarrArray& array) : m_store(std::move(store)), m_array(array) {
  m_array.attributes = nullptr;
}

std::string ZarrChunks::name(const Place& chunk) const {
  if (!m_array.shards) return m_array.key(chunk);
  std::vector<std::string> numbers;
  for (const std::int64_t number : chunk) numbers.push_back(std::to_string(number));
  return m_array.key(within(chunk).first) + ", chunk " + join(numbers, ", ");
}

std::pair<ZarrChunks::Place, std::size_t> ZarrChunks::within(const Place& chunk) const {
  Place shard;
  std::size_t number = 0;
  for (std::size_t d = 0; d < chunk.size(); ++d) {
    const std::int64_t count = m_array.shards->chunks[d];
    shard.push_back(chunk[d] / count);
    number = number * static_cast<std::size_t>(count) + static_cast<std::size_t>(chunk[d] % count);
  }
  return {std::move(shard), number};
}

Result<ZarrChunks::Index> ZarrChunks::readIndex(const std::string& key) const {
  auto shard = m_store->place(key);
  if (!shard) return fail(std::move(shard.error()));
  if (!*shard) return nullptr;
  const ZarrShards& shards = *m_array.shards;
  const auto count = static_cast<std::size_t>(shards.count());
  std::size_t stored = count * kExtentBytes;
  for (const ZarrStep& step : shards.indexSteps) stored += step.isChecksum() ? sizeof(std::uint32_t) : 0;
  const auto bytes = static_cast<std::int64_t>(stored), whole = (*shard)->bytes;
  if (whole < bytes)
    return broken(*m_store, key, "the shard has " + formatCount(whole) + " bytes, fewer than the " + formatCount(bytes) + " of its index",
                  "the file is cut off");
  const std::int64_t at = shards.isIndexAtEnd ? whole - bytes : 0;
  std::vector<std::byte> encoded(stored);
  CUBELOOM_TRY((*shard)->read(encoded.data(), bytes, at, at + bytes));
  auto extents = std::make_shared<std::vector<Extent>>(count);
  BufferPool pool;
  if (auto done =
          zarrDecode(shards.indexSteps, encoded.data(), stored, reinterpret_cast<std::byte*>(extents->data()), count * kExtentBytes, pool);
      !done)
    return broken(*m_store, key, "the index of the shard is damaged: " + done.error().message, done.error().hint);
  return extents;
}

Result<ZarrChunks::Index> ZarrChunks::index(const std::string& key) const {
  {
    const std::lock_guard lock(m_mutex);
    if (const auto known = m_indices.find(key); known != m_indices.end()) return known->second;
  }
  auto read = readIndex(key);
  if (!read) return read;
  const std::lock_guard lock(m_mutex);
  const std::size_t each = static_cast<std::size_t>(m_array.shards->count()) * kExtentBytes;
  if (m_indices.size() >= std::max<std::size_t>(1, kMostIndexBytes / each)) m_indices.clear();
  m_indices[key] = *read;
  return read;
}

std::int64_t ZarrChunks::size(const Place& chunk) const {
  if (!m_array.shards) return m_store->size(m_array.key(chunk));
  const auto [shard, number] = within(chunk);
  const auto extents = index(m_array.key(shard));
  if (!extents || !*extents) return -1;
  const Extent& extent = (**extents)[number];
  return extent.offset == ~std::uint64_t{0} ? -1 : static_cast<std::int64_t>(extent.bytes);
}

Result<std::optional<ZarrPlace>> ZarrChunks::place(const Place& chunk) const {
  if (!m_array.shards) return m_store->place(m_array.key(chunk));
  const auto [shard, number] = within(chunk);
  const std::string key = m_array.key(shard);
  auto extents = index(key);
  if (!extents) return fail(std::move(extents.error()));
  if (!*extents) return std::nullopt;
  const Extent extent = (**extents)[number];
  if (extent.offset == ~std::uint64_t{0} && extent.bytes == ~std::uint64_t{0}) return std::nullopt;
  auto file = m_store->place(key);
  if (!file) return file;
  const auto whole = static_cast<std::uint64_t>(*file ? (*file)->bytes : 0);
  if (extent.offset > whole || extent.bytes > whole - extent.offset)
    return broken(*m_store, name(chunk),
                  "it lies beyond the end of its shard, which has " + formatCount(static_cast<std::int64_t>(whole)) + " bytes",
                  "the file is cut off or damaged");
  ZarrPlace place = std::move(**file);
  if (!place.inlined.empty()) place.inlined = place.inlined.substr(extent.offset, extent.bytes);
  place.offset += place.file ? static_cast<std::int64_t>(extent.offset) : 0;
  place.bytes = static_cast<std::int64_t>(extent.bytes);
  return place;
}

Result<bool> ZarrChunks::read(const Place& chunk, std::byte* to, BufferPool& pool, std::int64_t& bytesRead) const {
  auto at = place(chunk);
  if (!at) return fail(std::move(at.error()));
  if (!*at) return false;
  const std::int64_t rawBytes = m_array.chunkBytes(), bytes = (*at)->bytes;
  if (m_array.steps.empty() && bytes == rawBytes) {
    CUBELOOM_TRY((*at)->read(to, bytes, 0, bytes));
  } else {
    if (bytes > zarrEncodedLimit(m_array.steps, rawBytes))
      return broken(*m_store, "chunk " + name(chunk),
                    "it has " + formatCount(bytes) + " bytes, more than any encoding of its " + formatCount(rawBytes),
                    "the file is not this chunk");
    const Buffer encoded = pool.take(static_cast<std::size_t>(bytes));
    CUBELOOM_TRY((*at)->read(encoded.data(), bytes, 0, bytes));
    if (auto done =
            zarrDecode(m_array.steps, encoded.data(), static_cast<std::size_t>(bytes), to, static_cast<std::size_t>(rawBytes), pool);
        !done)
      return broken(*m_store, "chunk " + name(chunk), done.error().message, done.error().hint);
  }
  bytesRead += bytes;
  return true;
}

Result<std::vector<std::byte>> readWholeZarrArray(const std::shared_ptr<const ZarrStore>& store, const ZarrArray& array) {
  const auto complain = [&](const std::string& what) {
    return failAt(ErrorCode::OpenFailed, store->path(), "array \"" + array.name() + "\" of " + store->path() + ": " + what);
  };
  double bytes = static_cast<double>(array.elementBytes), chunkBytes = bytes, chunks = 1;
  for (const std::int64_t size : array.shape) bytes *= static_cast<double>(size);
  for (const std::int64_t size : array.chunks) chunkBytes *= static_cast<double>(size);
  for (const std::int64_t count : array.grid()) chunks *= static_cast<double>(count);
  if (std::max(bytes, chunkBytes) > kMaxWholeBytes || array.shape.size() > 1)
    return complain("it is too large for a coordinate: " + formatSize(bytes));
  if (chunks > kMaxWholeChunks) return complain("it has too many chunks for a coordinate");
  std::vector<std::byte> all(static_cast<std::size_t>(bytes));
  const std::int64_t step = array.chunkBytes(), total = static_cast<std::int64_t>(all.size());
  const ZarrChunks places(store, array);
  BufferPool pool;
  const Buffer chunk = pool.take(static_cast<std::size_t>(step));
  std::int64_t ignored = 0, number = 0;
  for (std::int64_t at = 0; at < total; at += step, ++number) {
    auto found = places.read(array.shape.empty() ? ZarrChunks::Place{} : ZarrChunks::Place{number}, chunk.data(), pool, ignored);
    if (!found) return fail(std::move(found.error()));
    if (!*found) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(step); ++i)
        chunk.data()[i] = array.fill.empty() ? std::byte{0} : array.fill[i % array.elementBytes];
    } else if (array.swapped) {
      const std::size_t unit = array.kind == ZarrArray::Kind::Unicode ? 4 : array.elementBytes / (isComplex(array.type) ? 2 : 1);
      if (array.kind != ZarrArray::Kind::Bytes) swapInPlace(chunk.data(), step, unit);
    }
    std::memcpy(all.data() + at, chunk.data(), static_cast<std::size_t>(std::min(step, total - at)));
  }
  return all;
}

}  // namespace cubeloom
