// SPDX-License-Identifier: GPL-3.0-or-later
// c-blosc's contexts, libdeflate, zstd and lz4 behind numcodecs' names. Every call runs on the calling thread alone.
#include "engine/io/zarr/zarr_codec.h"

#include <blosc.h>
#include <libdeflate.h>
#include <lz4.h>
#include <zstd.h>

#include <cstring>
#include <memory>
#include <utility>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr int kBloscLevel = 2, kZstdLevel = 3, kDeflateLevel = 6;

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

/// From all first bytes, all second bytes, ... back to elements; a rest shorter than an element stays.
void unshuffle(const std::byte* from, std::byte* to, std::size_t bytes, std::size_t elementBytes) {
  const std::size_t count = bytes / elementBytes;
  for (std::size_t b = 0; b < elementBytes; ++b)
    for (std::size_t i = 0; i < count; ++i) to[i * elementBytes + b] = from[b * count + i];
  std::memcpy(to + count * elementBytes, from + count * elementBytes, bytes - count * elementBytes);
}

template <class T>
T swappedIf(T value, bool swapped) {
  if (!swapped) return value;
  std::byte bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  for (std::size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(bytes[i], bytes[sizeof(T) - 1 - i]);
  std::memcpy(&value, bytes, sizeof(T));
  return value;
}

template <class T>
void addUp(std::byte* data, std::size_t bytes, bool swapped) {
  T sum = 0;
  for (std::size_t i = 0; i + sizeof(T) <= bytes; i += sizeof(T)) {
    T value;
    std::memcpy(&value, data + i, sizeof(T));
    sum = static_cast<T>(sum + swappedIf(value, swapped));
    value = swappedIf(sum, swapped);
    std::memcpy(data + i, &value, sizeof(T));
  }
}

void undoDelta(const ZarrStep& step, std::byte* data, std::size_t bytes) {
  if (step.isFloat) return step.elementBytes == 4 ? addUp<float>(data, bytes, step.swapped) : addUp<double>(data, bytes, step.swapped);
  switch (step.elementBytes) {
    case 1: return addUp<std::uint8_t>(data, bytes, false);
    case 2: return addUp<std::uint16_t>(data, bytes, step.swapped);
    case 4: return addUp<std::uint32_t>(data, bytes, step.swapped);
    default: return addUp<std::uint64_t>(data, bytes, step.swapped);
  }
}

Result<void> undo(const ZarrStep& step, const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) {
  switch (step.kind) {
    case ZarrStep::Kind::Blosc: return decodeBlosc(from, bytes, to, room);
    case ZarrStep::Kind::Zstd: return decodeZstd(from, bytes, to, room);
    case ZarrStep::Kind::Zlib: return decodeDeflate(from, bytes, to, room, false);
    case ZarrStep::Kind::Gzip: return decodeDeflate(from, bytes, to, room, true);
    case ZarrStep::Kind::Lz4: return decodeLz4(from, bytes, to, room);
    case ZarrStep::Kind::Shuffle:
    case ZarrStep::Kind::Delta: break;
  }
  if (bytes != room) return broken("it has " + std::to_string(bytes) + " bytes, but a chunk has " + std::to_string(room));
  if (step.kind == ZarrStep::Kind::Shuffle) {
    unshuffle(from, to, bytes, step.elementBytes);
  } else {
    std::memcpy(to, from, bytes);
    undoDelta(step, to, bytes);
  }
  return {};
}

std::string member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<ZarrStep> deltaStep(const nlohmann::json& codec, const std::string& dtype) {
  const std::string type = member(codec, "dtype").empty() ? dtype : member(codec, "dtype");
  const std::string stored = member(codec, "astype").empty() ? type : member(codec, "astype");
  if (type.size() != 3 || stored != type || std::string("iuf").find(type[1]) == std::string::npos)
    return fail(ErrorCode::UnsupportedType, "the filter delta from \"" + type + "\" to \"" + stored + "\" is not read",
                "write it with equal types or without the filter");
  return ZarrStep{ZarrStep::Kind::Delta, static_cast<std::size_t>(type[2] - '0'), type[1] == 'f', type[0] == '>'};
}

}  // namespace

Result<ZarrStep> zarrStep(const nlohmann::json& codec, const std::string& dtype) {
  static const std::vector<std::pair<const char*, ZarrStep::Kind>> kKinds{
      {"blosc", ZarrStep::Kind::Blosc},    {"zstd", ZarrStep::Kind::Zstd}, {"zlib", ZarrStep::Kind::Zlib},
      {"gzip", ZarrStep::Kind::Gzip},      {"lz4", ZarrStep::Kind::Lz4},   {"delta", ZarrStep::Kind::Delta},
      {"shuffle", ZarrStep::Kind::Shuffle}};
  const std::string id = codec.is_object() ? member(codec, "id") : std::string();
  for (const auto& [name, kind] : kKinds) {
    if (id != name) continue;
    if (kind == ZarrStep::Kind::Delta) return deltaStep(codec, dtype);
    ZarrStep step{kind, 1, false, false};
    if (kind == ZarrStep::Kind::Shuffle) {
      const auto size = codec.find("elementsize");
      const std::int64_t bytes = size != codec.end() && size->is_number_integer() ? size->get<std::int64_t>() : 4;
      if (bytes < 1 || bytes > 64)
        return fail(ErrorCode::UnsupportedType, "the filter shuffle has elements of " + std::to_string(bytes) + " bytes");
      step.elementBytes = static_cast<std::size_t>(bytes);
    }
    return step;
  }
  return fail(ErrorCode::UnsupportedType, "the codec \"" + (id.empty() ? codec.dump().substr(0, 60) : id) + "\" is not read",
              "read are blosc, zstd, zlib, gzip and lz4, and the filters shuffle and delta");
}

std::int64_t zarrEncodedLimit(std::int64_t rawBytes) { return rawBytes + rawBytes / 8 + (std::int64_t{64} << 10); }

Result<void> zarrDecode(const std::vector<ZarrStep>& steps, const std::byte* encoded, std::size_t encodedBytes, std::byte* to,
                        std::size_t rawBytes, BufferPool& pool) {
  if (steps.empty()) {
    CUBELOOM_TRY(expectBytes("plain", encodedBytes, rawBytes));
    std::memcpy(to, encoded, rawBytes);
    return {};
  }
  Buffer held;
  const std::byte* from = encoded;
  std::size_t bytes = encodedBytes;
  for (std::size_t i = steps.size(); i-- > 0;) {
    // The last undoing lands at `to`; those before it alternate between two buffers.
    Buffer next;
    if (i > 0) next = pool.take(rawBytes);
    std::byte* place = i > 0 ? next.data() : to;
    CUBELOOM_TRY(undo(steps[i], from, bytes, place, rawBytes));
    held = std::move(next);
    from = place;
    bytes = rawBytes;
  }
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
    case ZarrCompression::Blosc: return {{"id", "blosc"}, {"cname", "zstd"}, {"clevel", kBloscLevel}, {"shuffle", 1}, {"blocksize", 0}};
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
    // Blosc takes three of its blocks, of a few hundred KiB at these levels, and a zstd context for one.
    case ZarrCompression::Blosc: return std::min(12 * kMiB, kMiB + 4 * rawBytes);
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
      const int got = blosc_compress_ctx(kBloscLevel, BLOSC_SHUFFLE, elementBytes, rawBytes, raw, to, room, "zstd", 0, 1);
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
