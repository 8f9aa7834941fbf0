// SPDX-License-Identifier: GPL-3.0-or-later
// Offsets of directories and blocks. Source of the cloud-optimized order: GDAL's "Cloud Optimized GeoTIFF" driver page.
#include "engine/io/tiff/tiff_directory.h"

#include <limits>
#include <numeric>
#include <string>

namespace cubeloom {
namespace {

/// Tells readers what they may rely on. Source: GDAL's "Cloud Optimized GeoTIFF" driver page, "Header ghost area".
std::string structuralMetadata() {
  const std::string body =
      "LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\nBLOCK_TRAILER=LAST_4_BYTES_REPEATED\n"
      "KNOWN_INCOMPATIBLE_EDITION=NO\n ";
  std::string size = std::to_string(body.size());
  size.insert(0, 6 - size.size(), '0');
  const std::string all = "GDAL_STRUCTURAL_METADATA_SIZE=" + size + " bytes\n" + body;
  return all.size() % 2 == 0 ? all : all + '\0';
}

/// Of the codec: 2.4, as libtiff numbers it.
constexpr std::uint32_t kLercVersion = 4;

TiffIfd levelTags(const TiffLayout& layout, const TiffIfd& shared, std::size_t index) {
  const TiffLevel& level = layout.levels[index];
  TiffIfd ifd = index == 0 ? shared
                           : shared.only({TiffTag::BitsPerSample, TiffTag::Photometric, TiffTag::SamplesPerPixel, TiffTag::ExtraSamples,
                                          TiffTag::ColorMap, TiffTag::SampleFormat, TiffTag::GdalNodata});
  for (const TiffTag tag : {TiffTag::StripOffsets, TiffTag::RowsPerStrip, TiffTag::StripByteCounts, TiffTag::TileWidth, TiffTag::TileLength,
                            TiffTag::TileOffsets, TiffTag::TileByteCounts, TiffTag::Predictor})
    ifd.remove(tag);
  if (index > 0) ifd.setLong(TiffTag::NewSubfileType, 1);  // a reduced-resolution image
  ifd.setLong(TiffTag::ImageWidth, static_cast<std::uint32_t>(level.cols));
  ifd.setLong(TiffTag::ImageLength, static_cast<std::uint32_t>(level.rows));
  ifd.setShort(TiffTag::Compression, tiffCompressionTag(layout.compression));
  ifd.setShort(TiffTag::PlanarConfig, level.planes > 1 ? 2 : 1);
  if (isLerc(layout.compression)) {
    const std::uint32_t further = layout.compression == TiffCompression::LercDeflate ? 1
                                  : layout.compression == TiffCompression::LercZstd  ? 2
                                                                                     : 0;
    ifd.setLongs(TiffTag::LercParameters, {kLercVersion, further});
  }
  const int predictor = tiffPredictor(layout.compression, layout.type);
  if (predictor > 1) ifd.setShort(TiffTag::Predictor, static_cast<std::uint16_t>(predictor));
  if (level.strips) {
    ifd.setLong(TiffTag::RowsPerStrip, static_cast<std::uint32_t>(level.blockRows));
  } else {
    ifd.setLong(TiffTag::TileWidth, static_cast<std::uint32_t>(level.blockCols));
    ifd.setLong(TiffTag::TileLength, static_cast<std::uint32_t>(level.blockRows));
  }
  return ifd;
}

/// Lays everything out as classic or BigTIFF.
TiffDirectory layOut(const TiffLayout& layout, const TiffIfd& shared, const std::vector<std::uint32_t>& blockBytes, bool big) {
  TiffDirectory out;
  out.isBig = big;
  const std::size_t count = layout.levels.size();
  std::vector<std::size_t> first(count + 1, 0);
  for (std::size_t i = 0; i < count; ++i) first[i + 1] = first[i] + static_cast<std::size_t>(layout.levels[i].blocks());

  std::vector<TiffIfd> ifds;
  for (std::size_t i = 0; i < count; ++i) {
    TiffIfd ifd = levelTags(layout, shared, i);
    const bool strips = layout.levels[i].strips;
    const auto begin = blockBytes.begin() + static_cast<std::ptrdiff_t>(first[i]);
    ifd.setLongs(strips ? TiffTag::StripByteCounts : TiffTag::TileByteCounts,
                 {begin, blockBytes.begin() + static_cast<std::ptrdiff_t>(first[i + 1])});
    // The right number of offsets is enough to know the directory's size; their values follow below.
    ifd.setOffsets(strips ? TiffTag::StripOffsets : TiffTag::TileOffsets, std::vector<std::uint64_t>(first[i + 1] - first[i]), big);
    ifds.push_back(std::move(ifd));
  }

  const std::string ghost = layout.cloudOptimized ? structuralMetadata() : "";
  std::vector<std::uint64_t> ifdStart{(big ? 16 : 8) + ghost.size()};
  for (const TiffIfd& ifd : ifds) ifdStart.push_back(ifdStart.back() + ifd.sizeBytes(big));

  const auto frame = static_cast<std::uint64_t>(layout.frameBytes());
  std::uint64_t at = ifdStart.back();
  out.levelStart.resize(count);
  for (std::size_t i = count; i-- > 0;) {
    out.levelStart[i] = static_cast<std::int64_t>(at);
    std::vector<std::uint64_t> offsets;
    offsets.reserve(first[i + 1] - first[i]);
    for (std::size_t k = first[i]; k < first[i + 1]; ++k) {
      offsets.push_back(at + frame);
      at += blockBytes[k] + 2 * frame;
    }
    ifds[i].setOffsets(layout.levels[i].strips ? TiffTag::StripOffsets : TiffTag::TileOffsets, offsets, big);
  }
  out.fileBytes = static_cast<std::int64_t>(at);

  out.head = tiffHeader(ifdStart[0], big);
  for (const char c : ghost) out.head.push_back(static_cast<std::byte>(c));
  for (std::size_t i = 0; i < count; ++i) {
    const std::vector<std::byte> bytes = ifds[i].serialize(ifdStart[i], i + 1 < count ? ifdStart[i + 1] : 0, big);
    out.head.insert(out.head.end(), bytes.begin(), bytes.end());
  }
  return out;
}

}  // namespace

TiffDirectory tiffDirectory(const TiffLayout& layout, const TiffIfd& shared, const std::vector<std::uint32_t>& blockBytes) {
  constexpr double kClassicBytes = std::numeric_limits<std::uint32_t>::max();
  const double data = std::accumulate(blockBytes.begin(), blockBytes.end(), 0.0);
  if (data < kClassicBytes) {
    TiffDirectory classic = layOut(layout, shared, blockBytes, false);
    if (static_cast<double>(classic.fileBytes) < kClassicBytes) return classic;
  }
  return layOut(layout, shared, blockBytes, true);
}

std::vector<std::uint32_t> rawBlockBytes(const TiffLayout& layout) {
  std::vector<std::uint32_t> sizes;
  sizes.reserve(static_cast<std::size_t>(layout.blocks()));
  for (const TiffLevel& level : layout.levels)
    for (std::int64_t plane = 0; plane < level.planes; ++plane)
      for (std::int64_t r = 0; r < level.down(); ++r)
        sizes.insert(sizes.end(), static_cast<std::size_t>(level.across()),
                     static_cast<std::uint32_t>(level.storedRows(r) * level.blockCols * level.pixelBytes));
  return sizes;
}

}  // namespace cubeloom
