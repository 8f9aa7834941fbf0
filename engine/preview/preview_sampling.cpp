// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/preview/preview_sampling.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cubeloom {

namespace {

struct Range {
  std::int64_t first = 0, count = 0;
};

/// Whole pixels of [0, size) that [low, high] meets by more than a millionth of a pixel.
Range pixelRange(double low, double high, std::int64_t size) {
  const auto limit = static_cast<double>(size);
  const auto first = static_cast<std::int64_t>(std::clamp(std::floor(std::min(low, high) + 1e-6), 0.0, limit));
  const auto last = static_cast<std::int64_t>(std::clamp(std::ceil(std::max(low, high) - 1e-6), 0.0, limit));
  return {first, std::max<std::int64_t>(0, last - first)};
}

/// The pixel under the centre of each of `pieces` equal pieces of the range.
std::vector<std::int64_t> centres(const Range& range, std::int64_t pieces) {
  std::vector<std::int64_t> out(static_cast<std::size_t>(pieces));
  for (std::int64_t i = 0; i < pieces; ++i) out[static_cast<std::size_t>(i)] = range.first + (2 * i + 1) * range.count / (2 * pieces);
  return out;
}

PreviewSampling alignedSampling(const PictureGrid& grid, const Bounds& bounds, std::int64_t width, std::int64_t height) {
  const Affine& m = grid.box.affine();
  const Range cols = pixelRange((bounds.xmin - m.c) / m.a, (bounds.xmax - m.c) / m.a, grid.box.cols());
  const Range rows = pixelRange((bounds.ymin - m.f) / m.e, (bounds.ymax - m.f) / m.e, grid.box.rows());
  PreviewSampling s;
  if (cols.count == 0 || rows.count == 0) return s;
  s.width = std::min(width, cols.count);
  s.height = std::min(height, rows.count);
  s.cols = centres(cols, s.width);
  s.rows = centres(rows, s.height);
  s.bounds = grid.box.crop({rows.first, cols.first, rows.count, cols.count}).bounds();
  s.decimation = std::max(static_cast<double>(cols.count) / static_cast<double>(s.width),
                          static_cast<double>(rows.count) / static_cast<double>(s.height));
  const bool flipRows = grid.rowsDown ? m.e < 0 : m.e > 0;
  const bool flipCols = m.a < 0;
  s.place.reserve(static_cast<std::size_t>(s.width * s.height));
  for (std::int64_t y = 0; y < s.height; ++y) {
    const std::int64_t row = flipRows ? s.height - 1 - y : y;
    for (std::int64_t x = 0; x < s.width; ++x) s.place.push_back(row * s.width + (flipCols ? s.width - 1 - x : x));
  }
  return s;
}

/// A rotated grid: reads a regular lattice as fine as the picture, and shows of it what lies nearest to each picture pixel.
PreviewSampling rotatedSampling(const PictureGrid& grid, const Bounds& wanted, std::int64_t width, std::int64_t height) {
  PreviewSampling s;
  const Bounds bounds = wanted.intersected(grid.box.bounds());
  if (bounds.isEmpty()) return s;
  const auto pieces = [](double length, double pixel, std::int64_t most) {
    return std::clamp<std::int64_t>(static_cast<std::int64_t>(std::ceil(length / pixel - 1e-6)), 1, most);
  };
  s.width = pieces(bounds.width(), grid.box.pixelWidth(), width);
  s.height = pieces(bounds.height(), grid.box.pixelHeight(), height);
  s.bounds = bounds;
  s.decimation = std::max({1.0, bounds.width() / (grid.box.pixelWidth() * static_cast<double>(s.width)),
                           bounds.height() / (grid.box.pixelHeight() * static_cast<double>(s.height))});
  const Affine inverse = grid.box.affine().inverse();
  double colMin = std::numeric_limits<double>::infinity(), colMax = -colMin, rowMin = colMin, rowMax = -colMin;
  for (const double x : {bounds.xmin, bounds.xmax}) {
    for (const double y : {bounds.ymin, bounds.ymax}) {
      colMin = std::min(colMin, inverse.x(x, y));
      colMax = std::max(colMax, inverse.x(x, y));
      rowMin = std::min(rowMin, inverse.y(x, y));
      rowMax = std::max(rowMax, inverse.y(x, y));
    }
  }
  const Range cols = pixelRange(colMin, colMax, grid.box.cols());
  const Range rows = pixelRange(rowMin, rowMax, grid.box.rows());
  if (cols.count == 0 || rows.count == 0) return {};
  const auto step = static_cast<std::int64_t>(s.decimation);
  const auto latticeCount = [step](const Range& range) { return (range.count + step - 1) / step; };
  s.cols = centres(cols, latticeCount(cols));
  s.rows = centres(rows, latticeCount(rows));
  const auto position = [](double pixel, const Range& range, std::size_t count) -> std::int64_t {
    const double inside = pixel - static_cast<double>(range.first);
    if (inside < 0 || inside >= static_cast<double>(range.count)) return -1;
    return static_cast<std::int64_t>(inside * static_cast<double>(count) / static_cast<double>(range.count));
  };
  s.place.reserve(static_cast<std::size_t>(s.width * s.height));
  for (std::int64_t py = 0; py < s.height; ++py) {
    const double down = (static_cast<double>(py) + 0.5) / static_cast<double>(s.height) * bounds.height();
    const double y = grid.rowsDown ? bounds.ymin + down : bounds.ymax - down;
    for (std::int64_t px = 0; px < s.width; ++px) {
      const double x = bounds.xmin + (static_cast<double>(px) + 0.5) / static_cast<double>(s.width) * bounds.width();
      const std::int64_t col = position(inverse.x(x, y), cols, s.cols.size());
      const std::int64_t row = position(inverse.y(x, y), rows, s.rows.size());
      s.place.push_back(col < 0 || row < 0 ? -1 : row * static_cast<std::int64_t>(s.cols.size()) + col);
    }
  }
  return s;
}

}  // namespace

PreviewSampling samplePreview(const PictureGrid& grid, const Bounds& bounds, std::int64_t width, std::int64_t height) {
  return grid.box.isAxisAligned() ? alignedSampling(grid, bounds, width, height) : rotatedSampling(grid, bounds, width, height);
}

}  // namespace cubeloom
