// SPDX-License-Identifier: GPL-3.0-or-later
// c-blosc's contexts, libdeflate, zstd, lz4, bzip2 and xz behind numcodecs' names. Every call runs on the calling thread alone.
#include "engine/io/zarr/zarr_codec.h"

#include <blosc.h>
#include <bzlib.h>
#include <libdeflate.h>
#include <lz4.h>
#include <lzma.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "engine/base/text.h"
#include "engine/io/zarr/zarr_filters.h"

namespace cubeloom {
namespace {

/// Blosc as zarr-python and xarray have it where nothing is said.
constexpr const char* kBloscCodec = "lz4";
constexpr int kBloscLevel = 5, kZstdLevel = 3, kDeflateLevel = 6;

Failure broken(std::string message) { return fail(ErrorCode::ReadFailed, std::move(message), "the file is cut off or damaged"); }

Result<void> expectBytes(const char* codec, std::size_t got, std::size_t wanted) {
  if (got == wanted) return {};
  return broken(std::string("its ") + codec + " data hold " + std::to_string(got) + " bytes, but a chunk has " + std::to_string(wanted));
}

Result<void> decodeBlosc(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) {
  std::size_t held = 0;
  if (bytes < BLOSC_MIN_HEADER_LENGTH || blosc_cbuffer_validate(from, bytes, &held) < 0)
    return broken("its blosc data are broken: the header does not fit its " + std::to_string(bytes) + " bytes");
  CUBELOOM_TRY(expectBytes("blosc", held, room));
  const int got = blosc_decompress_ctx(from, to, room, 1);
  if (got < 0 || static_cast<std::size_t>(got) != room) return broken("its blosc data are broken");
  return {};
}

Result<void> decodeZstd(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) {
  const std::size_t got = ZSTD_decompress(to, room, from, bytes);
  if (ZSTD_isError(got) != 0) return broken(std::string("its zstd data are broken: ") + ZSTD_getErrorName(got));
  return expectBytes("zstd", got, room);
}

Result<void> decodeDeflate(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room, bool gzip) {
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> decoder(libdeflate_alloc_decompressor(),
                                                                                                  &libdeflate_free_decompressor);
  std::size_t got = 0;
  const libdeflate_result result = gzip ? libdeflate_gzip_decompress(decoder.get(), from, bytes, to, room, &got)
                                        : libdeflate_zlib_decompress(decoder.get(), from, bytes, to, room, &got);
  const char* name = gzip ? "gzip" : "zlib";
  if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
    return broken(std::string("its ") + name + " data hold more than the " + std::to_string(room) + " bytes of a chunk");
  if (result != LIBDEFLATE_SUCCESS) return broken(std::string("its ") + name + " data are broken");
  return expectBytes(name, got, room);
}

/// numcodecs puts the decoded size in front, four bytes little-endian.
Result<void> decodeLz4(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) {
  std::uint32_t held = 0;
  if (bytes < sizeof(held)) return broken("its lz4 data are shorter than their header");
  std::memcpy(&held, from, sizeof(held));
  CUBELOOM_TRY(expectBytes("lz4", held, room));
  const int got = LZ4_decompress_safe(reinterpret_cast<const char*>(from) + sizeof(held), reinterpret_cast<char*>(to),
                                      static_cast<int>(bytes - sizeof(held)), static_cast<int>(room));
  if (got < 0) return broken("its lz4 data are broken");
  return expectBytes("lz4", static_cast<std::size_t>(got), room);
}

Result<void> decodeBzip2(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) {
  auto got = static_cast<unsigned>(room);
  // The interface is older than const.
  auto* source = const_cast<char*>(reinterpret_cast<const char*>(from));
  const int state = BZ2_bzBuffToBuffDecompress(reinterpret_cast<char*>(to), &got, source, static_cast<unsigned>(bytes), 0, 0);
  if (state == BZ_OUTBUFF_FULL) return broken("its bz2 data hold more than the " + std::to_string(room) + " bytes of a chunk");
  if (state != BZ_OK) return broken("its bz2 data are broken");
  return expectBytes("bz2", got, room);
}

Result<void> decodeLzma(const ZarrStep& step, const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) {
  lzma_stream stream = LZMA_STREAM_INIT;
  if (lzma_auto_decoder(&stream, step.decoderBytes, 0) != LZMA_OK) throw std::bad_alloc();
  stream.next_in = reinterpret_cast<const std::uint8_t*>(from);
  stream.avail_in = bytes;
  stream.next_out = reinterpret_cast<std::uint8_t*>(to);
  stream.avail_out = room;
  lzma_ret state = LZMA_OK;
  while (state == LZMA_OK) state = lzma_code(&stream, LZMA_FINISH);
  const std::size_t got = room - stream.avail_out;
  lzma_end(&stream);
  if (state == LZMA_MEM_ERROR) throw std::bad_alloc();
  if (state == LZMA_MEMLIMIT_ERROR)
    return broken("its lzma data need more than the " + formatSize(static_cast<double>(step.decoderBytes)) + " of its preset to be undone");
  if (state == LZMA_BUF_ERROR) {
    if (got == room && stream.avail_in > 0) return broken("its lzma data hold more than the " + std::to_string(room) + " bytes of a chunk");
    return broken("its lzma data are cut off");
  }
  if (state != LZMA_STREAM_END) return broken("its lzma data are broken");
  return expectBytes("lzma", got, room);
}

/// CRC-32C of RFC 3720, appendix B.4.
std::uint32_t crc32c(const std::byte* data, std::size_t bytes) {
  static constexpr auto kTable = [] {
    constexpr std::uint32_t kPolynomial = 0x82F63B78U;
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < table.size(); ++i) {
      std::uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? (value >> 1) ^ kPolynomial : value >> 1;
      table[i] = value;
    }
    return table;
  }();
  std::uint32_t sum = ~0U;
  for (std::size_t i = 0; i < bytes; ++i) sum = (sum >> 8) ^ kTable[(sum ^ std::to_integer<std::uint32_t>(data[i])) & 0xFFU];
  return ~sum;
}

/// Moves `from` and `bytes` to what the checksum is of, when that is whole.
Result<void> takeChecksum(const ZarrStep& step, const std::byte*& from, std::size_t& bytes) {
  constexpr std::size_t kSize = sizeof(std::uint32_t);
  if (bytes < kSize) return broken("it is shorter than its checksum");
  bytes -= kSize;
  const std::byte* at = step.isAtEnd ? from + bytes : from;
  if (!step.isAtEnd) from += kSize;
  std::uint32_t told = 0;
  for (std::size_t i = 0; i < kSize; ++i) told |= std::to_integer<std::uint32_t>(at[i]) << (8 * i);
  const bool isCrc32 = step.kind == ZarrStep::Kind::Crc32, isAdler = step.kind == ZarrStep::Kind::Adler32;
  const std::uint32_t sum = isCrc32 ? libdeflate_crc32(0, from, bytes) : isAdler ? libdeflate_adler32(1, from, bytes) : crc32c(from, bytes);
  if (sum == told) return {};
  return broken(std::string("its checksum ") + (isCrc32 ? "crc32" : isAdler ? "adler32" : "crc32c") + " is not that of its bytes");
}

Result<void> undo(const ZarrStep& step, const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) {
  switch (step.kind) {
    case ZarrStep::Kind::Blosc: return decodeBlosc(from, bytes, to, room);
    case ZarrStep::Kind::Zstd: return decodeZstd(from, bytes, to, room);
    case ZarrStep::Kind::Zlib: return decodeDeflate(from, bytes, to, room, false);
    case ZarrStep::Kind::Gzip: return decodeDeflate(from, bytes, to, room, true);
    case ZarrStep::Kind::Lz4: return decodeLz4(from, bytes, to, room);
    case ZarrStep::Kind::Bzip2: return decodeBzip2(from, bytes, to, room);
    case ZarrStep::Kind::Lzma: return decodeLzma(step, from, bytes, to, room);
    default: break;
  }
  if (const std::size_t wanted = filteredBytes(step, room).value_or(room); bytes != wanted)
    return broken("it has " + std::to_string(bytes) + " bytes, but a chunk has " + std::to_string(wanted));
  return undoFilter(step, from, to, room);
}

/// What each step is made of, and last what is in the file; unset where only the file tells.
std::vector<std::optional<std::size_t>> stageBytes(const std::vector<ZarrStep>& steps, std::size_t rawBytes) {
  std::vector<std::optional<std::size_t>> sizes{rawBytes};
  for (const ZarrStep& step : steps) sizes.push_back(sizes.back() ? filteredBytes(step, *sizes.back()) : std::nullopt);
  return sizes;
}

}  // namespace

std::int64_t zarrEncodedLimit(const std::vector<ZarrStep>& steps, std::int64_t rawBytes) {
  std::size_t most = 0;
  for (const auto& bytes : stageBytes(steps, static_cast<std::size_t>(rawBytes))) most = std::max(most, bytes.value_or(0));
  return static_cast<std::int64_t>(most + most / 8 + (std::size_t{64} << 10));
}

ZarrDecodeNeed zarrDecodeNeed(const std::vector<ZarrStep>& steps, std::int64_t rawBytes) {
  ZarrDecodeNeed need;
  const auto sizes = stageBytes(steps, static_cast<std::size_t>(rawBytes));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    need.decoderBytes = std::max(need.decoderBytes, steps[i].decoderBytes);
    if (i > 0 && sizes[i] && !steps[i].isChecksum()) need.buffers.push_back(*sizes[i]);
  }
  std::sort(need.buffers.rbegin(), need.buffers.rend());
  if (need.buffers.size() > 2) need.buffers.resize(2);
  return need;
}

Result<void> zarrDecode(const std::vector<ZarrStep>& steps, const std::byte* encoded, std::size_t encodedBytes, std::byte* to,
                        std::size_t rawBytes, BufferPool& pool) {
  const auto sizes = stageBytes(steps, rawBytes);
  Buffer held;
  const std::byte* from = encoded;
  std::size_t bytes = encodedBytes;
  for (std::size_t i = steps.size(); i-- > 0;) {
    if (steps[i].isChecksum()) {
      CUBELOOM_TRY(takeChecksum(steps[i], from, bytes));
      continue;
    }
    // The last undoing lands at `to`; those before it alternate between two buffers.
    const std::size_t room = sizes[i].value_or(0);
    Buffer next;
    if (i > 0) next = pool.take(room);
    std::byte* place = i > 0 ? next.data() : to;
    CUBELOOM_TRY(undo(steps[i], from, bytes, place, room));
    held = std::move(next);
    from = place;
    bytes = room;
  }
  if (from == to) return {};
  CUBELOOM_TRY(expectBytes("plain", bytes, rawBytes));
  std::memcpy(to, from, rawBytes);
  return {};
}

Result<ZarrCompression> zarrCompression(const std::string& name) {
  const std::string asked = toLower(name);
  if (asked.empty() || asked == "blosc") return ZarrCompression::Blosc;
  if (asked == "none") return ZarrCompression::None;
  if (asked == "zstd") return ZarrCompression::Zstd;
  if (asked == "deflate") return ZarrCompression::Deflate;
  return invalidParameter("compress", "compression '" + name + "' is not for Zarr", "use blosc, zstd, deflate or none");
}

nlohmann::json zarrCompressor(ZarrCompression compression) {
  switch (compression) {
    case ZarrCompression::Blosc:
      return {{"id", "blosc"}, {"cname", kBloscCodec}, {"clevel", kBloscLevel}, {"shuffle", 1}, {"blocksize", 0}};
    case ZarrCompression::Zstd: return {{"id", "zstd"}, {"level", kZstdLevel}};
    case ZarrCompression::Deflate: return {{"id", "zlib"}, {"level", kDeflateLevel}};
    case ZarrCompression::None: break;
  }
  return nullptr;
}

std::size_t zarrEncodedBound(ZarrCompression compression, std::size_t rawBytes) {
  switch (compression) {
    case ZarrCompression::Blosc: return rawBytes + BLOSC_MAX_OVERHEAD;
    case ZarrCompression::Zstd: return ZSTD_compressBound(rawBytes);
    case ZarrCompression::Deflate: return libdeflate_zlib_compress_bound(nullptr, rawBytes);
    case ZarrCompression::None: break;
  }
  return rawBytes;
}

std::size_t zarrEncoderBytes(ZarrCompression compression, std::size_t rawBytes) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  switch (compression) {
    // Blosc takes three of its blocks, of a few hundred KiB at this level.
    case ZarrCompression::Blosc: return std::min(3 * kMiB, kMiB / 4 + 4 * rawBytes);
    case ZarrCompression::Zstd: return std::min(6 * kMiB, kMiB + 4 * rawBytes);
    case ZarrCompression::Deflate: return kMiB;
    case ZarrCompression::None: break;
  }
  return 0;
}

Result<std::size_t> zarrEncode(ZarrCompression compression, std::size_t elementBytes, const std::byte* raw, std::size_t rawBytes,
                               std::byte* to, std::size_t room) {
  std::size_t bytes = 0;
  switch (compression) {
    case ZarrCompression::Blosc: {
      const int got = blosc_compress_ctx(kBloscLevel, BLOSC_SHUFFLE, elementBytes, rawBytes, raw, to, room, kBloscCodec, 0, 1);
      bytes = got > 0 ? static_cast<std::size_t>(got) : 0;
      break;
    }
    case ZarrCompression::Zstd: {
      const std::size_t got = ZSTD_compress(to, room, raw, rawBytes, kZstdLevel);
      bytes = ZSTD_isError(got) != 0 ? 0 : got;
      break;
    }
    case ZarrCompression::Deflate: {
      const std::unique_ptr<libdeflate_compressor, decltype(&libdeflate_free_compressor)> encoder(
          libdeflate_alloc_compressor(kDeflateLevel), &libdeflate_free_compressor);
      bytes = libdeflate_zlib_compress(encoder.get(), raw, rawBytes, to, room);
      break;
    }
    case ZarrCompression::None:
      std::memcpy(to, raw, rawBytes);
      bytes = rawBytes;
      break;
  }
  if (bytes == 0)
    return fail(ErrorCode::Internal, "a chunk of " + formatCount(static_cast<std::int64_t>(rawBytes)) + " bytes could not be compressed");
  return bytes;
}

}  // namespace cubeloom
