// SPDX-License-Identifier: GPL-3.0-or-later
// liblerc's blobs, and what TIFF lets come after them.
#include "engine/io/tiff/tiff_lerc.h"

#include <Lerc_c_api.h>
#include <Lerc_types.h>
#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr int kCodecVersion = 4;                          // 2.4, what libtiff writes and all readers know
constexpr int kLercDeflateLevel = 7, kLercZstdLevel = 9;  // libtiff's
constexpr double kNoError = 0;                            // lossless

unsigned lercType(PixelType type) {
  using Lerc = LercNS::DataType;
  switch (type) {
    case PixelType::Int8: return static_cast<unsigned>(Lerc::dt_char);
    case PixelType::UInt8: return static_cast<unsigned>(Lerc::dt_uchar);
    case PixelType::Int16: return static_cast<unsigned>(Lerc::dt_short);
    case PixelType::UInt16: return static_cast<unsigned>(Lerc::dt_ushort);
    case PixelType::Int32: return static_cast<unsigned>(Lerc::dt_int);
    case PixelType::UInt32: return static_cast<unsigned>(Lerc::dt_uint);
    case PixelType::Float32: return static_cast<unsigned>(Lerc::dt_float);
    default: return static_cast<unsigned>(Lerc::dt_double);
  }
}

/// One byte per pixel, 0 where it is NaN. False where none is.
template <class T>
bool maskNan(const std::byte* from, std::size_t pixels, std::vector<unsigned char>& mask) {
  const T* value = reinterpret_cast<const T*>(from);
  mask.resize(pixels);
  std::transform(value, value + pixels, mask.begin(), [](T v) { return static_cast<unsigned char>(std::isnan(v) ? 0 : 1); });
  return std::find(mask.begin(), mask.end(), 0) != mask.end();
}

class LercBlock : public TiffEncoder {
 public:
  LercBlock(TiffCompression compression, PixelType type) : TiffEncoder(type, 1, 1), m_compression(compression), m_type(type) {
    if (compression == TiffCompression::LercDeflate) m_deflate = libdeflate_alloc_compressor(kLercDeflateLevel);
    if (compression == TiffCompression::LercZstd) m_zstd = ZSTD_createCCtx();
  }
  ~LercBlock() override {
    libdeflate_free_compressor(m_deflate);
    ZSTD_freeCCtx(m_zstd);
  }

 private:
  std::size_t compress(const std::byte* from, std::int64_t rows, std::int64_t cols, std::byte* to, std::size_t room) override {
    const std::size_t blob = encode(from, rows, cols);
    if (m_compression == TiffCompression::LercDeflate) return libdeflate_zlib_compress(m_deflate, m_blob.data(), blob, to, room);
    if (m_compression == TiffCompression::LercZstd) {
      const std::size_t size = ZSTD_compressCCtx(m_zstd, to, room, m_blob.data(), blob, kLercZstdLevel);
      return ZSTD_isError(size) != 0 ? 0 : size;
    }
    if (blob > room) return 0;
    std::memcpy(to, m_blob.data(), blob);
    return blob;
  }

  /// Bytes of `m_blob`; 0: it could not be made.
  std::size_t encode(const std::byte* from, std::int64_t rows, std::int64_t cols) {
    const auto pixels = static_cast<std::size_t>(rows * cols);
    const bool isMasked = m_type == PixelType::Float32   ? maskNan<float>(from, pixels, m_mask)
                          : m_type == PixelType::Float64 ? maskNan<double>(from, pixels, m_mask)
                                                         : false;
    // Behind its Huffman codes LERC counts a word that it does not write.
    m_blob.assign(lercBound(pixels * pixelTypeBytes(m_type)), 0);
    unsigned size = 0;
    const lerc_status status =
        lerc_encodeForVersion(from, kCodecVersion, lercType(m_type), 1, static_cast<int>(cols), static_cast<int>(rows), 1, isMasked ? 1 : 0,
                              isMasked ? m_mask.data() : nullptr, kNoError, m_blob.data(), static_cast<unsigned>(m_blob.size()), &size);
    return status == static_cast<lerc_status>(LercNS::ErrCode::Ok) ? size : 0;
  }

  TiffCompression m_compression;
  PixelType m_type;
  std::vector<unsigned char> m_mask, m_blob;
  libdeflate_compressor* m_deflate = nullptr;
  ZSTD_CCtx* m_zstd = nullptr;
};

}  // namespace

std::size_t lercBound(std::size_t rawBytes) { return rawBytes + rawBytes / 8 + 4096; }

Result<void> checkLerc(PixelType type) {
  if (isComplex(type) || (isInteger(type) && pixelTypeBytes(type) > 4))
    return invalidParameter("compress", "LERC has no " + std::string(pixelTypeName(type)), "use none, lzw, deflate or zstd");
  return {};
}

std::unique_ptr<TiffEncoder> lercEncoder(TiffCompression compression, PixelType type) {
  return std::make_unique<LercBlock>(compression, type);
}

}  // namespace cubeloom
