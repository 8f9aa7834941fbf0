// SPDX-License-Identifier: GPL-3.0-or-later
// Rasters of several dates made by the tests themselves: Zarr stores of one chunk, byte by byte, so that no writer of ours stands in
// between.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/pixel_type.h"

namespace cubeloom::test {

struct Series {
  std::string path;
  PixelType type = PixelType::Float32;
  std::vector<std::string> dates;  ///< "2000-01-01", of the calendar
  std::string calendar = "standard";
  int rows = 1, cols = 1;
  std::optional<double> nodata;
};

/// `pixels`: [time, row, col] of the series' type. Empty, or what is wrong with the dates.
std::string writeSeries(const Series& series, const std::vector<std::byte>& pixels);

}  // namespace cubeloom::test
