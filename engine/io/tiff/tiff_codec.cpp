// SPDX-License-Identifier: GPL-3.0-or-later
// The compressions behind one interface: libdeflate, zstd, our LZW, and liblerc.
#include "engine/io/tiff/tiff_codec.h"

#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>

#include "engine/base/text.h"
#include "engine/io/sink/sink_target.h"
#include "engine/io/tiff/tiff_lerc.h"
#include "engine/io/tiff/tiff_lzw.h"
#include "engine/io/tiff/tiff_predictor.h"

namespace cubeloom {
namespace {

constexpr int kDeflateLevel = 6, kZstdLevel = 9;  // GDAL's defaults
constexpr std::size_t kKiB = 1024;
/// Level 6 looks whether the next match is longer. Among the differences of noisy integers it seldom is: level 4 then makes the smaller
/// block in half the time. Areas of one colour lose up to 5 % by it. A piece of the block tells, if it is large enough to tell.
constexpr int kNoiseDeflateLevel = 4;
constexpr std::size_t kLeastTriedBlock = 256 * kKiB, kTrialShare = 16;
/// Level 9 as zstd has it for large inputs, whatever the block: up to 256 KiB it would search longer, and for matches of 4 bytes, which
/// makes floats 0.7 % smaller and noisy integers as much larger. But for its tables: 2^21 entries fall out of a core's cache, a fifth more
/// time for 0.2 % less. Blocks that hold several bands would become 2 % larger by that: beyond 1 MiB 2^20 entries keep it to 0.4 %.
constexpr int kZstdSearches = 4, kZstdLeastMatch = 5, kZstdTables = 18, kLargeZstdTables = 20;
constexpr std::size_t kLargeZstdBlock = 1024 * kKiB;

/// Codecs that see bytes only.
class ByteEncoder : public TiffEncoder {
 public:
  ByteEncoder(PixelType type, std::int64_t samples, int predictor)
      : TiffEncoder(type, samples, predictor), m_pixelBytes(static_cast<std::size_t>(samples) * pixelTypeBytes(type)) {}

 protected:
  virtual std::size_t compress(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) = 0;

 private:
  std::size_t compress(const std::byte* from, std::int64_t rows, std::int64_t cols, std::byte* to, std::size_t room) override {
    return compress(from, static_cast<std::size_t>(rows * cols) * m_pixelBytes, to, room);
  }
  std::size_t m_pixelBytes;
};

class LzwBlock : public ByteEncoder {
 public:
  using ByteEncoder::ByteEncoder;

 private:
  std::size_t compress(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) override {
    return m_lzw.encode(from, bytes, to, room);
  }
  LzwEncoder m_lzw;
};

class DeflateBlock : public ByteEncoder {
 public:
  DeflateBlock(PixelType type, std::int64_t samples, int predictor) : ByteEncoder(type, samples, predictor), m_isTried(predictor == 2) {}
  ~DeflateBlock() override {
    libdeflate_free_compressor(m_compressor);
    libdeflate_free_compressor(m_noiseCompressor);
  }

 private:
  std::size_t compress(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) override {
    libdeflate_compressor* compressor = isNoise(from, bytes, to, room) ? m_noiseCompressor : m_compressor;
    return libdeflate_zlib_compress(compressor, from, bytes, to, room);
  }
  /// Tried on the middle of the block; `to` is overwritten.
  bool isNoise(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) const {
    if (!m_isTried || bytes < kLeastTriedBlock) return false;
    const std::size_t tried = bytes / kTrialShare;
    const std::byte* middle = from + (bytes - tried) / 2;
    const std::size_t fast = libdeflate_zlib_compress(m_noiseCompressor, middle, tried, to, room);
    return fast > 0 && fast <= libdeflate_zlib_compress(m_compressor, middle, tried, to, room);
  }
  bool m_isTried;
  libdeflate_compressor* m_compressor = libdeflate_alloc_compressor(kDeflateLevel);
  libdeflate_compressor* m_noiseCompressor = libdeflate_alloc_compressor(kNoiseDeflateLevel);
};

class ZstdBlock : public ByteEncoder {
 public:
  ZstdBlock(PixelType type, std::int64_t samples, int predictor) : ByteEncoder(type, samples, predictor) {
    ZSTD_CCtx_setParameter(m_context, ZSTD_c_compressionLevel, kZstdLevel);
    ZSTD_CCtx_setParameter(m_context, ZSTD_c_strategy, ZSTD_lazy2);
    ZSTD_CCtx_setParameter(m_context, ZSTD_c_searchLog, kZstdSearches);
    ZSTD_CCtx_setParameter(m_context, ZSTD_c_minMatch, kZstdLeastMatch);
  }
  ~ZstdBlock() override { ZSTD_freeCCtx(m_context); }

 private:
  std::size_t compress(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) override {
    const int tables = bytes > kLargeZstdBlock ? kLargeZstdTables : kZstdTables;
    ZSTD_CCtx_setParameter(m_context, ZSTD_c_hashLog, tables);
    ZSTD_CCtx_setParameter(m_context, ZSTD_c_chainLog, tables);
    const std::size_t size = ZSTD_compress2(m_context, to, room, from, bytes);
    return ZSTD_isError(size) ? 0 : size;
  }
  ZSTD_CCtx* m_context = ZSTD_createCCtx();
};

}  // namespace

Result<TiffCompression> tiffCompression(const std::string& name, bool cloudOptimized) {
  const std::string asked = toLower(name);
  if (asked.empty()) return cloudOptimized ? TiffCompression::Lzw : TiffCompression::None;
  if (asked == "none") return TiffCompression::None;
  if (asked == "lzw") return TiffCompression::Lzw;
  if (asked == "deflate") return TiffCompression::Deflate;
  if (asked == "zstd") return TiffCompression::Zstd;
  if (asked == "lerc") return TiffCompression::Lerc;
  if (asked == "lerc_deflate") return TiffCompression::LercDeflate;
  if (asked == "lerc_zstd") return TiffCompression::LercZstd;
  return invalidParameter("compress", "compression '" + name + "' is not known",
                          "use none, lzw, deflate, zstd, lerc, lerc_deflate or lerc_zstd");
}

std::uint16_t tiffCompressionTag(TiffCompression compression) {
  switch (compression) {
    case TiffCompression::Lzw: return 5;
    case TiffCompression::Deflate: return 8;
    case TiffCompression::Zstd: return 50000;
    case TiffCompression::Lerc:
    case TiffCompression::LercDeflate:
    case TiffCompression::LercZstd: return 34887;
    case TiffCompression::None: break;
  }
  return 1;
}

bool isLerc(TiffCompression compression) {
  return compression == TiffCompression::Lerc || compression == TiffCompression::LercDeflate || compression == TiffCompression::LercZstd;
}

int tiffPredictor(TiffCompression compression, PixelType type) {
  if (compression == TiffCompression::None || isLerc(compression) || isComplex(type)) return 1;
  return isFloating(type) ? 3 : 2;
}

std::size_t encodedBound(TiffCompression compression, std::size_t rawBytes) {
  switch (compression) {
    case TiffCompression::Lzw: return LzwEncoder::bound(rawBytes);
    case TiffCompression::Deflate: return libdeflate_zlib_compress_bound(nullptr, rawBytes);
    case TiffCompression::Zstd: return ZSTD_compressBound(rawBytes);
    case TiffCompression::Lerc: return lercBound(rawBytes);
    case TiffCompression::LercDeflate: return libdeflate_zlib_compress_bound(nullptr, lercBound(rawBytes));
    case TiffCompression::LercZstd: return ZSTD_compressBound(lercBound(rawBytes));
    case TiffCompression::None: break;
  }
  return rawBytes;
}

std::size_t encoderBytes(TiffCompression compression, std::size_t rawBytes) {
  switch (compression) {
    case TiffCompression::Lzw: return LzwEncoder::kTableBytes;
    case TiffCompression::Deflate:
      return 1536 * kKiB;  // two compressors of libdeflate 1.14: 1,317 KiB
    // ZSTD_sizeof_CCtx() of zstd 1.5.4: 250 KiB for 9 KB, 1.9 MiB for 64 KiB and a byte, 2,040 KiB from 128 KiB to 1 MiB, 6,648 KiB beyond.
    case TiffCompression::Zstd: return rawBytes > kLargeZstdBlock ? 6912 * kKiB : std::min(2304 * kKiB, 256 * kKiB + 28 * rawBytes);
    // The blob, the mask, and LERC's own work on the block.
    case TiffCompression::Lerc: return 6 * lercBound(rawBytes);
    case TiffCompression::LercDeflate: return 6 * lercBound(rawBytes) + 1024 * kKiB;
    // zstd has the level's own tables: 12.5 MiB from 1 MiB on.
    case TiffCompression::LercZstd: return 6 * lercBound(rawBytes) + std::min(13 * 1024 * kKiB, 256 * kKiB + 16 * rawBytes);
    case TiffCompression::None: break;
  }
  return 0;
}

std::unique_ptr<TiffEncoder> TiffEncoder::create(TiffCompression compression, PixelType type, std::int64_t samples) {
  if (isLerc(compression)) return lercEncoder(compression, type);
  const int predictor = tiffPredictor(compression, type);
  if (compression == TiffCompression::Lzw) return std::make_unique<LzwBlock>(type, samples, predictor);
  if (compression == TiffCompression::Deflate) return std::make_unique<DeflateBlock>(type, samples, predictor);
  return std::make_unique<ZstdBlock>(type, samples, predictor);
}

Result<std::size_t> TiffEncoder::encode(std::byte* raw, std::int64_t rows, std::int64_t cols, std::byte* to, std::size_t room) {
  applyPredictor(m_predictor, m_type, m_samples, raw, rows, cols, m_row);
  const std::size_t bytes = compress(raw, rows, cols, to, room);
  if (bytes == 0)
    return fail(ErrorCode::Internal, "a block of " + formatCount(rows) + " x " + formatCount(cols) + " pixels could not be compressed");
  return bytes;
}

}  // namespace cubeloom
