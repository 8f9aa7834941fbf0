// SPDX-License-Identifier: GPL-3.0-or-later
// Horizontal and floating-point prediction for little-endian pixels.
#include "engine/io/tiff/tiff_predictor.h"

#include <cstring>

namespace cubeloom {
namespace {

template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

template <class T>
void store(std::byte* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}

/// Of numbers `step` apart in `from`. Two places rather than one, so that the compiler makes vectors of it.
template <class T>
void difference(const std::byte* from, std::byte* to, std::size_t bytes, std::size_t step) {
  // Unsigned arithmetic wraps as TIFF asks for, whatever the sign of the pixels.
  const std::size_t stepBytes = step * sizeof(T);
  std::memcpy(to, from, stepBytes);
  for (std::size_t i = stepBytes; i < bytes; i += sizeof(T))
    store(to + i, static_cast<T>(load<T>(from + i) - load<T>(from + i - stepBytes)));
}

void differenceIntegers(const std::byte* from, std::byte* to, std::size_t bytes, std::size_t elementBytes, std::size_t step) {
  switch (elementBytes) {
    case 1: return difference<std::uint8_t>(from, to, bytes, step);
    case 2: return difference<std::uint16_t>(from, to, bytes, step);
    case 4: return difference<std::uint32_t>(from, to, bytes, step);
    default: return difference<std::uint64_t>(from, to, bytes, step);
  }
}

/// The bytes of equal rank together, the highest first.
template <class T>
void splitBytes(const std::byte* from, std::byte* to, std::size_t bytes) {
  const std::size_t count = bytes / sizeof(T);
  for (std::size_t b = 0; b < sizeof(T); ++b) {
    std::byte* plane = to + (sizeof(T) - 1 - b) * count;
    for (std::size_t i = 0; i < count; ++i) plane[i] = static_cast<std::byte>(load<T>(from + i * sizeof(T)) >> (8 * b));
  }
}

}  // namespace

void applyPredictor(int predictor, PixelType type, std::int64_t samples, std::byte* pixels, std::int64_t rows, std::int64_t cols,
                    std::vector<std::byte>& scratch) {
  if (predictor == 1) return;
  const std::size_t elementBytes = pixelTypeBytes(type);
  const auto step = static_cast<std::size_t>(samples);
  const std::size_t rowBytes = static_cast<std::size_t>(cols) * step * elementBytes;
  if (rowBytes == 0) return;
  scratch.resize(rowBytes);
  for (std::int64_t r = 0; r < rows; ++r) {
    std::byte* row = pixels + static_cast<std::size_t>(r) * rowBytes;
    if (predictor == 2) {
      std::memcpy(scratch.data(), row, rowBytes);
      differenceIntegers(scratch.data(), row, rowBytes, elementBytes, step);
    } else {
      elementBytes == 8 ? splitBytes<std::uint64_t>(row, scratch.data(), rowBytes)
                        : splitBytes<std::uint32_t>(row, scratch.data(), rowBytes);
      difference<std::uint8_t>(scratch.data(), row, rowBytes, step);
    }
  }
}

}  // namespace cubeloom
