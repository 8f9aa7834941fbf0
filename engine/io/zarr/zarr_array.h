// SPDX-License-Identifier: GPL-3.0-or-later
// One array of a Zarr v2 hierarchy as its .zarray and .zattrs describe it.
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

struct ZarrArray {
  /// Pixels; numpy's datetime64 as integers; texts of fixed length.
  enum class Kind { Number, Datetime, Unicode, Bytes };

  std::string folder;  ///< of its keys: "", "name/", "group/name/"
  std::vector<std::int64_t> shape, chunks;
  Kind kind = Kind::Number;
  PixelType type = PixelType::Float32;
  std::size_t elementBytes = 4;
  std::string datetimeUnit;  ///< "ns"
  bool swapped = false;      ///< not in this machine's byte order
  bool fortran = false;      ///< the first dim runs fastest within a chunk
  char separator = '.';
  std::vector<ZarrStep> steps;
  std::vector<std::byte> fill;  ///< one element in this machine's order; empty: null, undefined
  nlohmann::json attributes;    ///< an object

  std::string name() const;  ///< "name", "group/name"
  /// Bytes of a decoded chunk; every chunk is whole, also at the edges.
  std::int64_t chunkBytes() const;
  /// The chunks along each dim.
  std::vector<std::int64_t> grid() const;
  std::string chunkKey(const std::vector<std::int64_t>& chunk) const;
};

/// Of the key "folder/.zarray". OpenFailed: not what Zarr v2 is, or sizes no honest array has; UnsupportedType: a type or codec that is
/// not read. All name the array.
Result<ZarrArray> readZarrArray(const ZarrStore& store, const std::string& arrayKey);
/// Folder, shape, chunks and attributes of an array that is not read; unset when not even these can be told.
std::optional<ZarrArray> outlineZarrArray(const ZarrStore& store, const std::string& arrayKey);

/// All elements of a small array in row-major order and this machine's byte order, missing chunks filled. OpenFailed beyond 64 MiB.
Result<std::vector<std::byte>> readWholeZarrArray(const ZarrStore& store, const ZarrArray& array);

/// Reads and undoes the chunk of `key` to `to` (array.chunkBytes()); false when there is none. Adds to `bytesRead`.
Result<bool> readZarrChunk(const ZarrStore& store, const ZarrArray& array, const std::string& key, std::byte* to, BufferPool& pool,
                           std::int64_t& bytesRead);

}  // namespace cubeloom
