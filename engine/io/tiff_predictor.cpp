// SPDX-License-Identifier: GPL-3.0-or-later
// Horizontal and floating-point prediction for little-endian pixels.
#include "engine/io/tiff_predictor.h"

#include <cstring>

namespace cubeloom {
namespace {

template <class T>
void difference(std::byte* row, std::int64_t count) {
  // Unsigned arithmetic wraps as TIFF asks for, whatever the sign of the pixels.
  T* p = reinterpret_cast<T*>(row);
  for (std::int64_t i = count - 1; i > 0; --i) p[i] = static_cast<T>(p[i] - p[i - 1]);
}

void differenceIntegers(std::byte* row, std::int64_t cols, std::size_t bytes) {
  switch (bytes) {
    case 1: return difference<std::uint8_t>(row, cols);
    case 2: return difference<std::uint16_t>(row, cols);
    case 4: return difference<std::uint32_t>(row, cols);
    default: return difference<std::uint64_t>(row, cols);
  }
}

void differenceFloats(std::byte* row, std::int64_t cols, std::size_t bytes, std::vector<std::byte>& scratch) {
  const std::size_t rowBytes = static_cast<std::size_t>(cols) * bytes;
  scratch.resize(rowBytes);
  for (std::size_t b = 0; b < bytes; ++b) {
    std::byte* plane = scratch.data() + (bytes - 1 - b) * static_cast<std::size_t>(cols);
    for (std::int64_t i = 0; i < cols; ++i) plane[i] = row[static_cast<std::size_t>(i) * bytes + b];
  }
  std::memcpy(row, scratch.data(), rowBytes);
  difference<std::uint8_t>(row, static_cast<std::int64_t>(rowBytes));
}

}  // namespace

void applyPredictor(int predictor, PixelType type, std::byte* pixels, std::int64_t rows, std::int64_t cols,
                    std::vector<std::byte>& scratch) {
  if (predictor == 1) return;
  const std::size_t bytes = pixelTypeBytes(type);
  const std::size_t rowBytes = static_cast<std::size_t>(cols) * bytes;
  for (std::int64_t r = 0; r < rows; ++r) {
    std::byte* row = pixels + static_cast<std::size_t>(r) * rowBytes;
    if (predictor == 2) {
      differenceIntegers(row, cols, bytes);
    } else {
      differenceFloats(row, cols, bytes, scratch);
    }
  }
}

}  // namespace cubeloom
