// SPDX-License-Identifier: GPL-3.0-or-later
// The chunks of an array: where each lies, in a file of its own or in a shard, and what it holds.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/zarr/zarr_array.h"

namespace cubeloom {

/// Thread-safe. The indices of shards that were looked at last are kept, 8 MiB of them.
class ZarrChunks {
 public:
  using Place = std::vector<std::int64_t>;  ///< the chunk's number along each dim

  ZarrChunks(std::shared_ptr<const ZarrStore> store, const ZarrArray& array);

  /// "name/0.1", "name/c/0/1, chunk 2, 3".
  std::string name(const Place& chunk) const;
  /// Bytes as encoded; -1: there is none. What cannot be told is not there; read() then says why.
  std::int64_t size(const Place& chunk) const;
  /// Nothing when there is none. ReadFailed when it lies where it must not.
  Result<std::optional<ZarrPlace>> place(const Place& chunk) const;
  /// Reads and undoes it to `to` (array.chunkBytes()); false when there is none. Adds to `bytesRead`.
  Result<bool> read(const Place& chunk, std::byte* to, BufferPool& pool, std::int64_t& bytesRead) const;

 private:
  struct Extent {
    std::uint64_t offset, bytes;
  };
  using Index = std::shared_ptr<const std::vector<Extent>>;

  /// Of a chunk: the numbers of its shard along each dim, and which one of it.
  std::pair<Place, std::size_t> within(const Place& chunk) const;
  /// Null when there is no such shard.
  Result<Index> index(const std::string& key) const;
  Result<Index> readIndex(const std::string& key) const;

  std::shared_ptr<const ZarrStore> m_store;
  ZarrArray m_array;
  mutable std::mutex m_mutex;
  mutable std::map<std::string, Index> m_indices;
};

/// All elements of a small array of at most one dim in this machine's byte order, missing chunks filled. OpenFailed beyond 64 MiB.
Result<std::vector<std::byte>> readWholeZarrArray(const std::shared_ptr<const ZarrStore>& store, const ZarrArray& array);

}  // namespace cubeloom
