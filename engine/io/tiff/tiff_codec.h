// SPDX-License-Identifier: GPL-3.0-or-later
// Compression of one TIFF block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/pixel_type.h"
#include "engine/base/result.h"

namespace cubeloom {

enum class TiffCompression { None, Lzw, Deflate, Zstd, Lerc, LercDeflate, LercZstd };
/// What the tag "compression" says.
std::uint16_t tiffCompressionTag(TiffCompression compression);
/// LERC, with or without a further compression of what it gives.
bool isLerc(TiffCompression compression);

/// "none", "lzw", "deflate", "zstd", "lerc", "lerc_deflate", "lerc_zstd"; empty: GDAL's default, LZW for COG and none for GTiff.
/// InvalidParameter on `compress`.
Result<TiffCompression> tiffCompression(const std::string& name, bool cloudOptimized);

/// 2 (horizontal differences) for integers, 3 (floating point) for floats, 1 (none) for complex types, LERC and uncompressed files.
int tiffPredictor(TiffCompression compression, PixelType type);

/// Most bytes that a block of `rawBytes` can become.
std::size_t encodedBound(TiffCompression compression, std::size_t rawBytes);
/// Memory an encoder holds beside its input and output, for blocks of at most `rawBytes`.
std::size_t encoderBytes(TiffCompression compression, std::size_t rawBytes);

/// Applies predictor and compression. The same input gives the same bytes, whatever came before. One thread at a time.
class TiffEncoder {
 public:
  /// `samples`: bands side by side in a block's pixel; of LERC always 1.
  static std::unique_ptr<TiffEncoder> create(TiffCompression compression, PixelType type, std::int64_t samples);
  TiffEncoder(PixelType type, std::int64_t samples, int predictor) : m_type(type), m_samples(samples), m_predictor(predictor) {}
  virtual ~TiffEncoder() = default;
  /// `raw` holds `rows` x `cols` pixels and is overwritten; `to` has room for encodedBound(). Bytes written, or Internal.
  Result<std::size_t> encode(std::byte* raw, std::int64_t rows, std::int64_t cols, std::byte* to, std::size_t room);

 protected:
  /// 0 when it does not fit.
  virtual std::size_t compress(const std::byte* from, std::int64_t rows, std::int64_t cols, std::byte* to, std::size_t room) = 0;

 private:
  PixelType m_type;
  std::int64_t m_samples;
  int m_predictor;
  std::vector<std::byte> m_row;
};

}  // namespace cubeloom
