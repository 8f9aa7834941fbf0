// SPDX-License-Identifier: GPL-3.0-or-later
// Sampling of the map over a rectangle of the output, and the scale that follows from it.
#include "engine/geo/warp/warp_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cubeloom {
namespace {

constexpr int kEdgeSteps = 20;

double roundedIfClose(double value) {
  const double whole = std::round(value);
  return std::abs(whole - value) < 1e-6 ? whole : value;
}

/// The source's part that gdalwarp would load along one axis.
struct AxisLoad {
  double loaded = 0;  // pixels, with the kernel's margin
  double mapped = 0;  // pixels the output covers
  double whole = 0;   // pixels it would cover and load were the source endless
};

AxisLoad axisLoad(double low, double high, double size, double outputPixels, int radius) {
  const double scale = std::max(1e-3, outputPixels / (high - low));
  const double margin = scale < 0.95 ? std::ceil(radius / scale) : radius;
  const double first = std::trunc(std::max(0.0, low));
  const double last = std::min(std::ceil(high), size);
  AxisLoad load;
  load.mapped = std::max(0.0, std::min(size - first, high - low));
  load.whole = high - low + 2 * margin;
  if (last - first > 0.9 * size) {
    load.loaded = size;
  } else {
    const double begin = std::clamp(first - margin, 0.0, size);
    load.loaded = std::max(0.0, std::min(size - begin, last - begin + margin));
  }
  return load;
}

double axisScale(const AxisLoad& load, double outputPixels) {
  double scale = outputPixels / load.mapped;
  if (load.loaded >= outputPixels && load.mapped <= outputPixels) scale = 1;
  if (scale < 1) {
    const double reciprocal = std::floor(1 / scale + 0.5);
    if (std::abs(1 / scale - reciprocal) < 0.05) scale = 1 / reciprocal;
  }
  return scale;
}

}  // namespace

SourceExtent sampleExtent(const PixelMapper& mapper, double col0, double col1, double row0, double row1, int stepsX, int stepsY,
                          bool inside, std::int64_t begin) {
  const auto cols = static_cast<std::size_t>(stepsX) + 1, rows = static_cast<std::size_t>(stepsY) + 1;
  std::vector<double> x, y;
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) {
      if (!inside && i != 0 && j != 0 && i + 1 != rows && j + 1 != cols) continue;
      x.push_back(col0 + (col1 - col0) * static_cast<double>(j) / stepsX);
      y.push_back(row0 + (row1 - row0) * static_cast<double>(i) / stepsY);
    }
  mapper.map(x.data(), y.data(), x.size());

  constexpr double kInf = std::numeric_limits<double>::infinity();
  SourceExtent extent{kInf, -kInf, kInf, -kInf, 0, x.size(), 0, 0};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i])) {
      ++extent.failed;
      continue;
    }
    if (begin > 0) {
      const auto first = static_cast<double>(begin);
      x[i] -= x[i] < first ? first - static_cast<double>(mapper.sourceCols()) : first;
    }
    extent.minCol = std::min(extent.minCol, x[i]);
    extent.maxCol = std::max(extent.maxCol, x[i]);
    extent.minRow = std::min(extent.minRow, y[i]);
    extent.maxRow = std::max(extent.maxRow, y[i]);
  }
  if (!inside || extent.failed > 0) return extent;
  const auto bend = [&extent, &x, &y](std::size_t k, std::size_t step) {
    extent.bendCol = std::max(extent.bendCol, std::abs(x[k] - 2 * x[k + step] + x[k + 2 * step]));
    extent.bendRow = std::max(extent.bendRow, std::abs(y[k] - 2 * y[k + step] + y[k + 2 * step]));
  };
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < cols; ++j) {
      if (j + 2 < cols) bend(i * cols + j, 1);
      if (i + 2 < rows) bend(i * cols + j, cols);
    }
  return extent;
}

WarpScale localScale(const PixelMapper& mapper) {
  const auto cols = static_cast<double>(mapper.targetCols());
  const auto rows = static_cast<double>(mapper.targetRows());
  std::vector<double> x, y;  // on a 10 x 10 grid
  for (int i = 0; i < 10; ++i)
    for (int j = 0; j < 10; ++j) {
      const double col = cols * (j + 0.5) / 10, row = rows * (i + 0.5) / 10;
      x.insert(x.end(), {col, col + 0.5, col});
      y.insert(y.end(), {row, row, row + 0.5});
    }
  mapper.map(x.data(), y.data(), x.size());
  std::vector<double> alongX, alongY;
  for (std::size_t i = 0; i < x.size(); i += 3) {
    const double dx = 2 * std::max(std::abs(x[i + 1] - x[i]), std::abs(x[i + 2] - x[i]));
    const double dy = 2 * std::max(std::abs(y[i + 1] - y[i]), std::abs(y[i + 2] - y[i]));
    if (!std::isfinite(dx) || !std::isfinite(dy) || dx == 0 || dy == 0) continue;
    alongX.push_back(1 / dx);
    alongY.push_back(1 / dy);
  }
  const auto mean = [](const std::vector<double>& scales) {
    if (scales.empty()) return 1.0;
    const double largest = *std::max_element(scales.begin(), scales.end());
    double sum = 0, count = 0;
    for (const double s : scales) {  // without those that a discontinuity makes tiny
      if (s <= largest / 10) continue;
      sum += s;
      count += 1;
    }
    return sum / count;
  };
  return {mean(alongX), mean(alongY)};
}

namespace {

/// Where the output's outline, or all of it where that fails, lies on the source.
SourceExtent outputExtent(const PixelMapper& mapper, std::int64_t begin) {
  const auto cols = static_cast<double>(mapper.targetCols()), rows = static_cast<double>(mapper.targetRows());
  SourceExtent extent = sampleExtent(mapper, 0, cols, 0, rows, kEdgeSteps, kEdgeSteps, false, begin);
  if (extent.failed > 0) extent = sampleExtent(mapper, 0, cols, 0, rows, kEdgeSteps, kEdgeSteps, true, begin);
  return extent;
}

}  // namespace

WarpScale warpScale(const PixelMapper& mapper, int radius) {
  const auto cols = static_cast<double>(mapper.targetCols());
  const auto rows = static_cast<double>(mapper.targetRows());
  SourceExtent extent = outputExtent(mapper, 0);
  if (mapper.sourceIsRound()) {
    // An output over the seam is no wider than any other.
    const SourceExtent turned = outputExtent(mapper, mapper.sourceCols() / 2);
    if (turned.maxCol - turned.minCol < extent.maxCol - extent.minCol) extent = turned;
  }
  if (extent.isEmpty()) return {};
  const double minCol = roundedIfClose(extent.minCol), maxCol = roundedIfClose(extent.maxCol);
  const double minRow = roundedIfClose(extent.minRow), maxRow = roundedIfClose(extent.maxRow);
  const AxisLoad x = axisLoad(minCol, maxCol, static_cast<double>(mapper.sourceCols()), cols, radius);
  const AxisLoad y = axisLoad(minRow, maxRow, static_cast<double>(mapper.sourceRows()), rows, radius);
  // gdalwarp cuts such outputs into pieces with scales of their own; one scale for all must not depend on what lies outside the source.
  const bool mostlyOutside = x.loaded * y.loaded < 0.5 * x.whole * y.whole && (cols > 100 || rows > 100);
  if (mostlyOutside || !(x.mapped > 0) || !(y.mapped > 0)) return localScale(mapper);
  WarpScale scale{axisScale(x, cols), axisScale(y, rows)};
  if (scale.y / scale.x > 100) scale.x = localScale(mapper).x;
  return scale;
}

}  // namespace cubeloom
