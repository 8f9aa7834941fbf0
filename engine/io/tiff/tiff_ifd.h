// SPDX-License-Identifier: GPL-3.0-or-later
// Image file directories of (Big)TIFF files: read from a template, changed tag by tag, laid out again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// Tag numbers this writer sets itself. Source: Adobe, "TIFF Revision 6.0", 1992, and its supplements.
enum class TiffTag : std::uint16_t {
  NewSubfileType = 254,
  ImageWidth = 256,
  ImageLength = 257,
  BitsPerSample = 258,
  Compression = 259,
  Photometric = 262,
  StripOffsets = 273,
  SamplesPerPixel = 277,
  RowsPerStrip = 278,
  StripByteCounts = 279,
  PlanarConfig = 284,
  Predictor = 317,
  ColorMap = 320,
  TileWidth = 322,
  TileLength = 323,
  TileOffsets = 324,
  TileByteCounts = 325,
  ExtraSamples = 338,
  SampleFormat = 339,
  GdalNodata = 42113,
  LercParameters = 50674,
};

/// The directory of one image. Values are kept as little-endian bytes.
class TiffIfd {
 public:
  struct Entry {
    std::uint16_t type = 0;
    std::uint64_t count = 0;
    std::vector<std::byte> bytes;
  };

  /// The first directory of a classic little-endian TIFF in memory; Internal when it is not one.
  static Result<TiffIfd> parseFirst(const std::vector<std::byte>& file);

  void setShort(TiffTag tag, std::uint16_t value);
  void setLong(TiffTag tag, std::uint32_t value);
  void setLongs(TiffTag tag, const std::vector<std::uint32_t>& values);
  /// As LONG in classic files, LONG8 in BigTIFF ones.
  void setOffsets(TiffTag tag, const std::vector<std::uint64_t>& values, bool big);
  void remove(TiffTag tag);
  /// A copy with only these tags, where present.
  TiffIfd only(const std::vector<TiffTag>& tags) const;

  /// Bytes of the directory and the values outside of it, a multiple of 8.
  std::uint64_t sizeBytes(bool big) const;
  /// The directory as it stands at byte `offset` (even), its values after it; `next` is the following directory's offset or 0.
  std::vector<std::byte> serialize(std::uint64_t offset, std::uint64_t next, bool big) const;

 private:
  void set(TiffTag tag, std::uint16_t type, std::uint64_t count, const void* values, std::size_t bytes);
  std::map<std::uint16_t, Entry> m_entries;
};

/// Bytes before the first directory; `firstIfd` is where that lies.
std::vector<std::byte> tiffHeader(std::uint64_t firstIfd, bool big);

}  // namespace cubeloom
