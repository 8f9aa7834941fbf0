// SPDX-License-Identifier: GPL-3.0-or-later
// One array of a Zarr hierarchy as its metadata describe it: .zarray and .zattrs of version 2, zarr.json of version 3.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/pixel_type.h"
#include "engine/io/zarr/zarr_codec.h"
#include "engine/io/zarr/zarr_store.h"

namespace cubeloom {

/// Many chunks in one file, and where in it each lies.
struct ZarrShards {
  std::vector<std::int64_t> chunks;  ///< chunks of a shard along each dim
  std::vector<ZarrStep> indexSteps;  ///< from the index, two numbers of eight bytes per chunk, to what is in the file
  bool isIndexAtEnd = true;          ///< of the shard, else at its beginning

  std::int64_t count() const;
};

struct ZarrArray {
  /// Pixels; numpy's datetime64 as integers; texts of fixed length.
  enum class Kind { Number, Datetime, Unicode, Bytes };

  std::string folder;  ///< of its keys: "", "name/", "group/name/"
  int version = 2;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> chunks;  ///< what is encoded as one piece; of a sharded array those within a shard
  std::optional<ZarrShards> shards;
  Kind kind = Kind::Number;
  PixelType type = PixelType::Float32;
  std::size_t elementBytes = 4;
  std::string datetimeUnit;  ///< "ns"
  bool swapped = false;      ///< not in this machine's byte order
  std::vector<int> order;    ///< the dims as they lie in a chunk, slowest first
  bool hasPrefix = false;    ///< keys are "c/0/1", else "0.1"
  char separator = '.';
  std::vector<ZarrStep> steps;
  std::vector<std::byte> fill;  ///< one element in this machine's order; empty: null, undefined
  nlohmann::json attributes;    ///< an object; with the dims of version 3 as version 2 has them, in _ARRAY_DIMENSIONS

  std::string name() const;  ///< "name", "group/name"
  /// Bytes of a decoded chunk; every chunk is whole, also at the edges.
  std::int64_t chunkBytes() const;
  /// The chunks along each dim.
  std::vector<std::int64_t> grid() const;
  /// Whether the dims lie in a chunk in their own order.
  bool isRowMajor() const;
  /// `ofDims`, one per dim, as the dims lie in a chunk.
  template <class T>
  std::vector<T> inOrder(const std::vector<T>& ofDims) const {
    std::vector<T> ordered;
    for (const int d : order) ordered.push_back(ofDims[static_cast<std::size_t>(d)]);
    return ordered;
  }
  /// The file of a chunk, or of a shard.
  std::string key(const std::vector<std::int64_t>& place) const;
};

/// Of the key "folder/.zarray" or "folder/zarr.json". OpenFailed: not what Zarr is, or sizes no honest array has; UnsupportedType: a type
/// or codec that is not read. All name the array.
Result<ZarrArray> readZarrArray(const ZarrStore& store, const std::string& arrayKey);
/// Folder, shape, chunks and attributes of an array that is not read; unset when not even these can be told.
std::optional<ZarrArray> outlineZarrArray(const ZarrStore& store, const std::string& arrayKey);

}  // namespace cubeloom
