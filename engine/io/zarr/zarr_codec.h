// SPDX-License-Identifier: GPL-3.0-or-later
// What numcodecs does to a chunk's bytes on their way to the disk, and its undoing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/array/buffer_pool.h"
#include "engine/base/result.h"

namespace cubeloom {

/// One step of encoding, by numcodecs' id.
struct ZarrStep {
  enum class Kind { Blosc, Zstd, Zlib, Gzip, Lz4, Shuffle, Delta };
  Kind kind = Kind::Blosc;
  std::size_t elementBytes = 1;  ///< of shuffle and delta
  bool isFloat = false;          ///< of delta: sums are of floating numbers
  bool swapped = false;          ///< of delta: not in this machine's byte order
};

/// From `compressor` or an entry of `filters`; `dtype` is the array's. UnsupportedType names one that is not undone here.
Result<ZarrStep> zarrStep(const nlohmann::json& codec, const std::string& dtype);

/// Most encoded bytes that a chunk of `rawBytes` can honestly have.
std::int64_t zarrEncodedLimit(std::int64_t rawBytes);

/// Undoes `steps` (in the order of encoding) from `encoded` to exactly `rawBytes` at `to`. Takes at most twice the raw bytes from the pool,
/// and nothing for a single compressor. The error is a plain sentence without a path.
Result<void> zarrDecode(const std::vector<ZarrStep>& steps, const std::byte* encoded, std::size_t encodedBytes, std::byte* to,
                        std::size_t rawBytes, BufferPool& pool);

/// How the sink writes chunks.
enum class ZarrCompression { None, Blosc, Zstd, Deflate };
/// "blosc" (zstd inside, bytes shuffled), "zstd", "deflate" (zlib), "none"; empty: blosc. InvalidParameter on `compress`.
Result<ZarrCompression> zarrCompression(const std::string& name);
/// The `compressor` of .zarray.
nlohmann::json zarrCompressor(ZarrCompression compression);
std::size_t zarrEncodedBound(ZarrCompression compression, std::size_t rawBytes);
/// Memory an encoder takes beside its input and output.
std::size_t zarrEncoderBytes(ZarrCompression compression, std::size_t rawBytes);
/// Bytes written to `to`, which has room for zarrEncodedBound(). The same input gives the same bytes on any thread.
Result<std::size_t> zarrEncode(ZarrCompression compression, std::size_t elementBytes, const std::byte* raw, std::size_t rawBytes,
                               std::byte* to, std::size_t room);

}  // namespace cubeloom
