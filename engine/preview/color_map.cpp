// SPDX-License-Identifier: GPL-3.0-or-later
// The colour maps of single-band pictures: perceptually even, safe for colour-blind readers.
// Tables: magma and viridis by N. J. Smith, S. van der Walt and E. Firing (CC0, github.com/BIDS/colormap); cividis by
// Nunez, Anderton and Renslow, PLoS ONE 13(7): e0199239 (CC0). Every eighth entry; between them linear, within 2 % of the full tables.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "engine/preview/preview.h"

namespace cubeloom {

namespace {

using Table = std::array<std::uint32_t, 33>;

constexpr Table kViridis = {0x440154, 0x470d60, 0x48186a, 0x482374, 0x472d7b, 0x453681, 0x424086, 0x3f4989, 0x3b528b, 0x375a8d, 0x33638d,
                            0x2f6a8e, 0x2c728e, 0x297a8e, 0x26818e, 0x23898e, 0x21908c, 0x1f988b, 0x1f9f88, 0x21a685, 0x28ae80, 0x31b57b,
                            0x3ebc74, 0x4cc26c, 0x5dc963, 0x6ece58, 0x82d34c, 0x96d83f, 0xabdc32, 0xc0df24, 0xd5e21a, 0xeae51a, 0xfde725};
constexpr Table kMagma = {0x000004, 0x030311, 0x0a0822, 0x130d33, 0x1d1146, 0x28115a, 0x36106a, 0x430f76, 0x50127c, 0x5d177f, 0x691c81,
                          0x762181, 0x822681, 0x8f2a81, 0x9c2e7f, 0xa9327d, 0xb63779, 0xc33b75, 0xcf4170, 0xdb486a, 0xe65163, 0xee5c5e,
                          0xf5695c, 0xf9785d, 0xfb8761, 0xfd9668, 0xfea571, 0xfeb47b, 0xfec387, 0xfed194, 0xfde0a2, 0xfceeb0, 0xfcfdbf};
constexpr Table kCividis = {0x00204d, 0x00265a, 0x002c68, 0x00306f, 0x05366e, 0x1e3c6d, 0x2c426c, 0x37476b, 0x414d6b, 0x4a536b, 0x52596c,
                            0x595e6d, 0x61646f, 0x686a71, 0x6f7073, 0x757676, 0x7c7b78, 0x848279, 0x8c8879, 0x948e78, 0x9c9477, 0xa49b76,
                            0xaca174, 0xb4a872, 0xbdaf6f, 0xc5b66c, 0xcebd68, 0xd7c463, 0xe0cb5e, 0xe9d358, 0xf2da50, 0xfbe248, 0xffea46};

std::array<std::uint8_t, 3> lookUp(const Table& table, double fraction) {
  const double place = fraction * static_cast<double>(table.size() - 1);
  const std::size_t low = std::min(static_cast<std::size_t>(place), table.size() - 2);
  const double rest = place - static_cast<double>(low);
  std::array<std::uint8_t, 3> out{};
  for (std::size_t c = 0; c < 3; ++c) {
    const auto shift = static_cast<unsigned>(16 - 8 * c);
    const double a = (table[low] >> shift) & 0xffU;
    const double b = (table[low + 1] >> shift) & 0xffU;
    out[c] = static_cast<std::uint8_t>(std::lround(a + (b - a) * rest));
  }
  return out;
}

}  // namespace

std::vector<std::string> colorMapNames() { return {"viridis", "magma", "cividis", "gray"}; }

std::array<std::uint8_t, 3> colorMapAt(const std::string& name, double fraction) {
  const double f = std::isnan(fraction) ? 0.0 : std::clamp(fraction, 0.0, 1.0);
  if (name == "gray") {
    const auto level = static_cast<std::uint8_t>(std::lround(255 * f));
    return {level, level, level};
  }
  if (name == "magma") return lookUp(kMagma, f);
  if (name == "cividis") return lookUp(kCividis, f);
  return lookUp(kViridis, f);
}

std::array<double, 2> percentileStretch(const std::vector<float>& values, double low, double high) {
  std::vector<float> valid;
  valid.reserve(values.size());
  for (const float v : values)
    if (std::isfinite(v)) valid.push_back(v);
  if (valid.empty()) return {0, 1};
  const auto percentile = [&valid](double percent) {
    const double place = std::clamp(percent, 0.0, 100.0) / 100.0 * static_cast<double>(valid.size() - 1);
    const auto below = static_cast<std::ptrdiff_t>(place);
    std::nth_element(valid.begin(), valid.begin() + below, valid.end());
    const double a = valid[static_cast<std::size_t>(below)];
    if (static_cast<std::size_t>(below) + 1 >= valid.size()) return a;
    const double b = *std::min_element(valid.begin() + below + 1, valid.end());
    return a + (b - a) * (place - static_cast<double>(below));
  };
  return {percentile(low), percentile(high)};
}

std::vector<std::uint8_t> stretchToRgba(const PreviewImage& image, const std::vector<std::array<double, 2>>& limits,
                                        const std::string& colorMap) {
  const auto pixels = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  std::vector<std::uint8_t> rgba(pixels * 4, 0);
  if (image.bands.empty() || limits.empty()) return rgba;
  const auto scaled = [&](std::size_t band, float value) {
    const auto& [low, high] = limits[std::min(band, limits.size() - 1)];
    if (!(high > low)) return 0.5;  // a constant picture is mid-tone, not black
    return std::clamp((static_cast<double>(value) - low) / (high - low), 0.0, 1.0);
  };
  std::array<std::array<std::uint8_t, 3>, 256> palette;
  for (std::size_t i = 0; i < palette.size(); ++i) palette[i] = colorMapAt(colorMap, static_cast<double>(i) / 255.0);
  for (std::size_t p = 0; p < pixels; ++p) {
    std::uint8_t* out = rgba.data() + 4 * p;
    if (image.bands.size() >= 3) {
      const float r = image.bands[0][p], g = image.bands[1][p], b = image.bands[2][p];
      if (std::isnan(r) || std::isnan(g) || std::isnan(b)) continue;
      out[0] = static_cast<std::uint8_t>(std::lround(255 * scaled(0, r)));
      out[1] = static_cast<std::uint8_t>(std::lround(255 * scaled(1, g)));
      out[2] = static_cast<std::uint8_t>(std::lround(255 * scaled(2, b)));
    } else {
      const float value = image.bands[0][p];
      if (std::isnan(value)) continue;
      const auto& rgb = palette[static_cast<std::size_t>(std::lround(255 * scaled(0, value)))];
      std::copy(rgb.begin(), rgb.end(), out);
    }
    out[3] = 255;
  }
  return rgba;
}

std::vector<std::uint8_t> classesToRgba(const PreviewImage& image, const std::vector<std::array<std::uint8_t, 4>>& colours) {
  constexpr std::array<std::uint8_t, 4> kWithout{128, 128, 128, 255};
  const auto pixels = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
  std::vector<std::uint8_t> rgba(pixels * 4, 0);
  for (std::size_t p = 0; p < pixels && !image.bands.empty(); ++p) {
    const float value = image.bands[0][p];
    if (std::isnan(value)) continue;
    const bool hasColour = value >= 0 && value < static_cast<float>(colours.size());
    const auto& colour = hasColour ? colours[static_cast<std::size_t>(value)] : kWithout;
    std::copy(colour.begin(), colour.end(), rgba.begin() + static_cast<std::ptrdiff_t>(4 * p));
  }
  return rgba;
}

}  // namespace cubeloom
