// SPDX-License-Identifier: GPL-3.0-or-later
// What numcodecs does to a chunk's bytes on their way to the disk, and its undoing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/array/buffer_pool.h"
#include "engine/base/pixel_type.h"
#include "engine/base/result.h"

namespace cubeloom {

/// One step of encoding, all of it in this machine's byte order but where a step is the swap itself.
struct ZarrStep {
  enum class Kind {
    Blosc,
    Zstd,
    Zlib,
    Gzip,
    Lz4,
    Bzip2,
    Lzma,
    Crc32,
    Adler32,
    Crc32c,
    Shuffle,
    Swap,
    Delta,
    Cast,
    Half,
    ScaleOffset,
    PackBits
  };
  Kind kind = Kind::Blosc;
  std::size_t elementBytes = 1;                                   ///< of shuffle and swap
  PixelType value = PixelType::UInt8, stored = PixelType::UInt8;  ///< of delta, cast and scale: before and after encoding
  double scale = 1, offset = 0;                                   ///< value = stored / scale + offset
  bool isAtEnd = false;                                           ///< of a checksum: behind what it is of, else before it
  std::uint64_t decoderBytes = 0;                                 ///< memory that undoing it takes beside its input and output

  bool isChecksum() const { return kind == Kind::Crc32 || kind == Kind::Adler32 || kind == Kind::Crc32c; }
};

/// An entry of `filters` or `compressor`, as numcodecs has it, as steps in the order of encoding; `dtype` is the array's ("<f4").
/// UnsupportedType names one that is not undone here.
Result<std::vector<ZarrStep>> zarrSteps(const nlohmann::json& codec, const std::string& dtype);
/// That what each step makes has a size known from the array alone. UnsupportedType: two compressors in a row.
Result<void> checkZarrSteps(const std::vector<ZarrStep>& steps);

/// Most encoded bytes that a chunk of `rawBytes` can honestly have.
std::int64_t zarrEncodedLimit(const std::vector<ZarrStep>& steps, std::int64_t rawBytes);
/// The buffers that zarrDecode() holds at one time, and what decoders take beside them.
struct ZarrDecodeNeed {
  std::vector<std::size_t> buffers;
  std::uint64_t decoderBytes = 0;
};
ZarrDecodeNeed zarrDecodeNeed(const std::vector<ZarrStep>& steps, std::int64_t rawBytes);

/// Undoes `steps` (in the order of encoding) from `encoded` to exactly `rawBytes` at `to`. Takes from the pool what zarrDecodeNeed() says,
/// nothing for a single step. The error is a plain sentence without a path.
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
