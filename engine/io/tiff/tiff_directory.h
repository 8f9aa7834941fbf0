// SPDX-License-Identifier: GPL-3.0-or-later
// The head of a TIFF of ours: header and all directories, before any pixel, and where each level's blocks lie after it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/io/tiff/tiff_ifd.h"
#include "engine/io/tiff/tiff_layout.h"

namespace cubeloom {

/// A laid-out file. Overviews lie before the full resolution, the smallest first, as cloud-optimized files have it.
struct TiffDirectory {
  bool isBig = false;  ///< BigTIFF: when the classic form would pass 4 GiB
  std::vector<std::byte> head;
  std::vector<std::int64_t> levelStart;  ///< byte at which each level's blocks begin, each between its frame bytes
  std::int64_t fileBytes = 0;
};

/// `shared` are the tags of the template; `blockBytes[i]` the stored size of block i in canonical order (level, plane, row, column).
TiffDirectory tiffDirectory(const TiffLayout& layout, const TiffIfd& shared, const std::vector<std::uint32_t>& blockBytes);

/// Stored sizes of an uncompressed file's blocks.
std::vector<std::uint32_t> rawBlockBytes(const TiffLayout& layout);

}  // namespace cubeloom
