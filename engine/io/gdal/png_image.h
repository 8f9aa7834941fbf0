// SPDX-License-Identifier: GPL-3.0-or-later
// PNG files of pictures in memory.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/array/block.h"
#include "engine/base/result.h"

namespace cubeloom {

/// Writes `rgba` (height x width x 4, row-major) as an 8-bit RGBA PNG, replacing what was there in one step. WriteFailed names the path.
Result<void> writePng(const std::string& path, int width, int height, const std::uint8_t* rgba);

/// Red, green, blue and opacity of each class.
using PngPalette = std::vector<std::array<std::uint8_t, 4>>;

/// Writes [bands, rows, cols] of uint8 or uint16, 1 to 4 bands, to a file at `path`, which need not end in .png; no side files. The gray
/// value `nodata` becomes transparent; one band of uint8 gets the palette. WriteFailed names `target`.
Result<void> encodePng(const std::string& path, const std::string& target, const BlockView& bands, std::optional<double> nodata,
                       const PngPalette& palette);

}  // namespace cubeloom
