// SPDX-License-Identifier: GPL-3.0-or-later
// Texture in closed form: a hash on a lattice, smooth between its points, summed over octaves.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace cubeloom {

/// A number in [0, 1) of a lattice point.
inline double coastHash(double ix, double iy, std::uint32_t seed) {
  std::uint32_t hash = static_cast<std::uint32_t>(static_cast<std::int64_t>(ix)) * 0x9E3779B1U +
                       static_cast<std::uint32_t>(static_cast<std::int64_t>(iy)) * 0x85EBCA6BU + seed * 0xC2B2AE35U;
  hash ^= hash >> 16U;
  hash *= 0x7FEB352DU;
  hash ^= hash >> 15U;
  hash *= 0x846CA68BU;
  hash ^= hash >> 16U;
  return static_cast<double>(hash >> 8U) / 16777216.0;
}

inline double coastFade(double u) { return u * u * u * (u * (u * 6 - 15) + 10); }

inline double coastNoise(double x, double y, std::uint32_t seed) {
  const double x0 = std::floor(x), y0 = std::floor(y), u = coastFade(x - x0), v = coastFade(y - y0);
  const double a = coastHash(x0, y0, seed), b = coastHash(x0 + 1, y0, seed), c = coastHash(x0, y0 + 1, seed),
               d = coastHash(x0 + 1, y0 + 1, seed);
  const double top = a + (b - a) * u;
  return top + (c + (d - c) * u - top) * v;
}

/// Octaves of noise, each turned and twice as fine, so that no lattice shows; 0 to 1, mostly near 0.5.
inline double coastTexture(double x, double y, std::uint32_t seed, int octaves) {
  double sum = 0, total = 0, amplitude = 0.5;
  for (int k = 0; k < octaves; ++k) {
    sum += amplitude * coastNoise(x, y, seed + static_cast<std::uint32_t>(k));
    total += amplitude;
    const double turned = 1.6 * x - 1.2 * y + 17.3;
    y = 1.2 * x + 1.6 * y + 5.7;
    x = turned;
    amplitude *= 0.5;
  }
  return sum / total;
}

/// 0 at `from`, 1 at `to`, smooth between; `from` may lie above `to`.
inline double coastRamp(double from, double to, double value) {
  const double t = std::clamp((value - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

}  // namespace cubeloom
