// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/source/packed_values.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/array/strided_copy.h"

namespace cubeloom {
namespace {

constexpr std::int64_t kPiece = 1024;  // elements swapped at once

template <class S, class V>
void unpackPiece(const PackedValues& packed, const std::byte* from, std::int64_t count, V* to) {
  const auto scale = static_cast<V>(packed.scale), offset = static_cast<V>(packed.offset);
  const bool scales = packed.scale != 1, shifts = packed.offset != 0;
  S missing{};
  const bool hasMissing = packed.missing.size() == sizeof(S);
  if (hasMissing) std::memcpy(&missing, packed.missing.data(), sizeof(S));
  for (std::int64_t i = 0; i < count; ++i) {
    S stored;
    std::memcpy(&stored, from + i * static_cast<std::int64_t>(sizeof(S)), sizeof(S));
    auto value = static_cast<V>(stored);
    if (scales) value *= scale;
    if (shifts) value += offset;
    to[i] = hasMissing && stored == missing ? std::numeric_limits<V>::quiet_NaN() : value;
  }
}

}  // namespace

void PackedValues::unpack(const std::byte* from, std::int64_t count, bool swapped, std::byte* to) const {
  const auto bytes = static_cast<std::int64_t>(pixelTypeBytes(stored));
  std::array<std::byte, kPiece * 8> held;
  for (std::int64_t at = 0; at < count; at += kPiece) {
    const std::int64_t n = std::min(kPiece, count - at);
    const std::byte* piece = from + at * bytes;
    if (swapped) {
      std::memcpy(held.data(), piece, static_cast<std::size_t>(n * bytes));
      swapInPlace(held.data(), n * bytes, static_cast<std::size_t>(bytes));
      piece = held.data();
    }
    dispatchRealType(stored, [&](auto sample) {
      using S = decltype(sample);
      if (value == PixelType::Float32) {
        unpackPiece<S>(*this, piece, n, reinterpret_cast<float*>(to) + at);
      } else {
        unpackPiece<S>(*this, piece, n, reinterpret_cast<double*>(to) + at);
      }
    });
  }
}

}  // namespace cubeloom
