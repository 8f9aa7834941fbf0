// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/cluster_classes.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/computed.h"

namespace cubeloom {
namespace {

/// Hues a golden angle apart: neighbours in number differ.
std::array<std::uint8_t, 4> clusterColour(std::size_t number) {
  const double hue = std::fmod(static_cast<double>(number) * 0.61803398875 + 0.58, 1.0) * 6;
  const double lightness = number % 3 == 0 ? 0.85 : number % 3 == 1 ? 0.65 : 0.95;
  const auto channel = [&](double shift) {
    const double k = std::fmod(shift + hue, 6);
    return static_cast<std::uint8_t>(std::lround(255 * lightness * (1 - 0.7 * std::max(0.0, std::min({k, 4 - k, 1.0})))));
  };
  return {channel(5), channel(3), channel(1), 255};
}

}  // namespace

ArraySpec clusterClasses(const ArraySpec& input, int dim, std::size_t count) {
  ArraySpec spec = input.withoutDim(dim);
  spec.forgetQuantity();
  settleComputed(spec, PixelType::UInt8, 0, static_cast<double>(count - 1), true);
  spec.unit.clear();
  spec.variable = "cluster";
  for (std::size_t k = 0; k < count; ++k) {
    spec.classNames.push_back("cluster " + std::to_string(k));
    spec.classColours.push_back(clusterColour(k));
  }
  return spec;
}

Result<void> checkSample(const std::vector<double>& spectra, std::size_t entries, std::size_t clusters) {
  if (spectra.size() >= clusters * entries) return {};
  return fail(ErrorCode::UnsupportedType,
              formatCount(static_cast<std::int64_t>(spectra.size() / entries)) + " pixels are valid in all bands, fewer than " +
                  formatCount(static_cast<std::int64_t>(clusters)) + " clusters",
              "leave out bands that are nodata, as with drop_bands");
}

Param sampleParam() {
  return {.name = "sample",
          .type = ParamType::Integer,
          .help = "Pixels among which clusters are found.",
          .unit = "px",
          .defaultTo = 20000,
          .minimum = 100,
          .maximum = 1000000};
}

Param startsParam() {
  return {.name = "n_init",
          .type = ParamType::Integer,
          .help = "Starts, of which the best counts.",
          .defaultTo = 4,
          .minimum = 1,
          .maximum = 100,
          .advanced = true};
}

Param iterationsParam(int byDefault) {
  return {.name = "max_iter",
          .type = ParamType::Integer,
          .help = "Iterations on the sample.",
          .defaultTo = byDefault,
          .minimum = 1,
          .maximum = 10000,
          .advanced = true};
}

Param chanceParam() {
  return {.name = "seed", .type = ParamType::Seed, .help = "Of what is drawn by chance.", .defaultTo = 0, .advanced = true};
}

}  // namespace cubeloom
