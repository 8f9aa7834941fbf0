// SPDX-License-Identifier: GPL-3.0-or-later
// The compressions behind one interface: libdeflate, zstd and our LZW.
#include "engine/io/tiff_codec.h"

#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>

#include "engine/base/text.h"
#include "engine/io/sink_target.h"
#include "engine/io/tiff_lzw.h"
#include "engine/io/tiff_predictor.h"

namespace cubeloom {
namespace {

constexpr int kDeflateLevel = 6, kZstdLevel = 9;  // GDAL's defaults

class LzwBlock : public TiffEncoder {
 public:
  using TiffEncoder::TiffEncoder;

 private:
  std::size_t compress(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) override {
    return m_lzw.encode(from, bytes, to, room);
  }
  LzwEncoder m_lzw;
};

class DeflateBlock : public TiffEncoder {
 public:
  using TiffEncoder::TiffEncoder;
  ~DeflateBlock() override { libdeflate_free_compressor(m_compressor); }

 private:
  std::size_t compress(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) override {
    return libdeflate_zlib_compress(m_compressor, from, bytes, to, room);
  }
  libdeflate_compressor* m_compressor = libdeflate_alloc_compressor(kDeflateLevel);
};

class ZstdBlock : public TiffEncoder {
 public:
  using TiffEncoder::TiffEncoder;
  ~ZstdBlock() override { ZSTD_freeCCtx(m_context); }

 private:
  std::size_t compress(const std::byte* from, std::size_t bytes, std::byte* to, std::size_t room) override {
    const std::size_t size = ZSTD_compressCCtx(m_context, to, room, from, bytes, kZstdLevel);
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
  return invalidParameter("compress", "compression '" + name + "' is not known", "use none, lzw, deflate or zstd");
}

int tiffPredictor(TiffCompression compression, PixelType type) {
  if (compression == TiffCompression::None || isComplex(type)) return 1;
  return isFloating(type) ? 3 : 2;
}

std::size_t encodedBound(TiffCompression compression, std::size_t rawBytes) {
  switch (compression) {
    case TiffCompression::Lzw: return LzwEncoder::bound(rawBytes);
    case TiffCompression::Deflate: return libdeflate_zlib_compress_bound(nullptr, rawBytes);
    case TiffCompression::Zstd: return ZSTD_compressBound(rawBytes);
    case TiffCompression::None: break;
  }
  return rawBytes;
}

std::size_t encoderBytes(TiffCompression compression, std::size_t rawBytes) {
  constexpr std::size_t kKiB = 1024;
  switch (compression) {
    case TiffCompression::Lzw: return LzwEncoder::kTableBytes;
    case TiffCompression::Deflate:
      return 1024 * kKiB;  // libdeflate 1.14, level 6, stays below
    // ZSTD_sizeof_CCtx() of zstd 1.5.4 at level 9: 256 KiB for 9 KB, 3.5 MiB for 256 KiB, 12.5 MiB from 1 MiB on.
    case TiffCompression::Zstd: return std::min(13 * 1024 * kKiB, 256 * kKiB + 16 * rawBytes);
    case TiffCompression::None: break;
  }
  return 0;
}

std::unique_ptr<TiffEncoder> TiffEncoder::create(TiffCompression compression, PixelType type) {
  const int predictor = tiffPredictor(compression, type);
  if (compression == TiffCompression::Lzw) return std::make_unique<LzwBlock>(type, predictor);
  if (compression == TiffCompression::Deflate) return std::make_unique<DeflateBlock>(type, predictor);
  return std::make_unique<ZstdBlock>(type, predictor);
}

Result<std::size_t> TiffEncoder::encode(std::byte* raw, std::int64_t rows, std::int64_t cols, std::byte* to, std::size_t room) {
  applyPredictor(m_predictor, m_type, raw, rows, cols, m_row);
  const std::size_t bytes = compress(raw, static_cast<std::size_t>(rows * cols) * pixelTypeBytes(m_type), to, room);
  if (bytes == 0)
    return fail(ErrorCode::Internal, "a block of " + formatCount(rows) + " x " + formatCount(cols) + " pixels could not be compressed");
  return bytes;
}

}  // namespace cubeloom
