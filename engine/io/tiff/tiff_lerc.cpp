// SPDX-License-Identifier: GPL-3.0-or-later
// A TIFF of one strip in memory, from which the strip is taken.
#include "engine/io/tiff/tiff_lerc.h"

#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

/// What libtiff writes.
struct MemoryTiff {
  std::vector<std::byte> bytes;
  std::size_t at = 0;
};

tmsize_t readFrom(thandle_t handle, void* to, tmsize_t bytes) {
  auto& file = *static_cast<MemoryTiff*>(handle);
  const std::size_t n = std::min(static_cast<std::size_t>(bytes), file.bytes.size() - std::min(file.at, file.bytes.size()));
  std::memcpy(to, file.bytes.data() + file.at, n);
  file.at += n;
  return static_cast<tmsize_t>(n);
}

tmsize_t writeTo(thandle_t handle, void* from, tmsize_t bytes) {
  auto& file = *static_cast<MemoryTiff*>(handle);
  const std::size_t end = file.at + static_cast<std::size_t>(bytes);
  if (file.bytes.size() < end) file.bytes.resize(end);
  std::memcpy(file.bytes.data() + file.at, from, static_cast<std::size_t>(bytes));
  file.at = end;
  return bytes;
}

toff_t seekIn(thandle_t handle, toff_t offset, int whence) {
  auto& file = *static_cast<MemoryTiff*>(handle);
  if (whence == SEEK_CUR) offset += file.at;
  if (whence == SEEK_END) offset += file.bytes.size();
  file.at = static_cast<std::size_t>(offset);
  return offset;
}

int closeNothing(thandle_t /*handle*/) { return 0; }
toff_t sizeOf(thandle_t handle) { return static_cast<MemoryTiff*>(handle)->bytes.size(); }

struct CloseTiff {
  void operator()(TIFF* file) const { TIFFCleanup(file); }
};

int furtherCompression(TiffCompression compression) {
  if (compression == TiffCompression::LercDeflate) return LERC_ADD_COMPRESSION_DEFLATE;
  return compression == TiffCompression::LercZstd ? LERC_ADD_COMPRESSION_ZSTD : LERC_ADD_COMPRESSION_NONE;
}

class LercBlock : public TiffEncoder {
 public:
  LercBlock(TiffCompression compression, PixelType type, std::int64_t bands)
      : TiffEncoder(type, 1, 1), m_compression(compression), m_type(type), m_bands(bands) {}

 private:
  std::size_t compress(const std::byte* from, std::int64_t rows, std::int64_t cols, std::byte* to, std::size_t room) override {
    m_memory.bytes.clear();
    m_memory.at = 0;
    const std::unique_ptr<TIFF, CloseTiff> file(
        TIFFClientOpen("block", "wlm", &m_memory, readFrom, writeTo, seekIn, closeNothing, sizeOf, nullptr, nullptr));
    if (!file) return 0;
    TIFF* tiff = file.get();
    const std::size_t elementBytes = pixelTypeBytes(m_type);
    const bool isSigned = m_type == PixelType::Int8 || m_type == PixelType::Int16 || m_type == PixelType::Int32;
    const int format = isFloating(m_type) ? SAMPLEFORMAT_IEEEFP : isSigned ? SAMPLEFORMAT_INT : SAMPLEFORMAT_UINT;
    bool isSet = true;
    const auto set = [&](std::uint32_t tag, auto value) { isSet = isSet && TIFFSetField(tiff, tag, value) == 1; };
    set(TIFFTAG_IMAGEWIDTH, static_cast<std::uint32_t>(cols));
    set(TIFFTAG_IMAGELENGTH, static_cast<std::uint32_t>(rows));
    set(TIFFTAG_ROWSPERSTRIP, static_cast<std::uint32_t>(rows));
    set(TIFFTAG_SAMPLESPERPIXEL, static_cast<int>(m_bands));
    set(TIFFTAG_PLANARCONFIG, m_bands > 1 ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG);
    set(TIFFTAG_BITSPERSAMPLE, static_cast<int>(8 * elementBytes));
    set(TIFFTAG_SAMPLEFORMAT, format);
    set(TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    set(TIFFTAG_COMPRESSION, COMPRESSION_LERC);
    set(TIFFTAG_LERC_ADD_COMPRESSION, furtherCompression(m_compression));
    if (!isSet) return 0;
    const auto bytes = static_cast<tmsize_t>(static_cast<std::size_t>(rows * cols) * elementBytes);
    // libtiff takes the pixels as its own to change.
    if (TIFFWriteEncodedStrip(tiff, 0, const_cast<std::byte*>(from), bytes) != bytes || TIFFFlushData(tiff) != 1) return 0;
    const auto offset = static_cast<std::size_t>(TIFFGetStrileOffset(tiff, 0)),
               size = static_cast<std::size_t>(TIFFGetStrileByteCount(tiff, 0));
    if (size == 0 || size > room || offset + size > m_memory.bytes.size()) return 0;
    std::memcpy(to, m_memory.bytes.data() + offset, size);
    return size;
  }

  TiffCompression m_compression;
  PixelType m_type;
  std::int64_t m_bands;
  MemoryTiff m_memory;
};

}  // namespace

Result<void> checkLerc(TiffCompression compression, PixelType type) {
  const bool isThere = TIFFIsCODECConfigured(COMPRESSION_LERC) == 1 &&
                       (compression != TiffCompression::LercDeflate || TIFFIsCODECConfigured(COMPRESSION_ADOBE_DEFLATE) == 1) &&
                       (compression != TiffCompression::LercZstd || TIFFIsCODECConfigured(COMPRESSION_ZSTD) == 1);
  if (!isThere)
    return invalidParameter("compress", "the TIFF library of this machine is built without LERC, or without what is to come after it",
                            "use none, lzw, deflate or zstd");
  if (isComplex(type) || (isInteger(type) && pixelTypeBytes(type) > 4))
    return invalidParameter("compress", "LERC has no " + std::string(pixelTypeName(type)), "use none, lzw, deflate or zstd");
  return {};
}

std::unique_ptr<TiffEncoder> lercEncoder(TiffCompression compression, PixelType type, std::int64_t bands) {
  return std::make_unique<LercBlock>(compression, type, bands);
}

}  // namespace cubeloom
