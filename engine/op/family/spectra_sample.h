// SPDX-License-Identifier: GPL-3.0-or-later
// A fixed number of pixels drawn from all of an array, the same ones for any workers and budget.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// Keeps of all pixels that are valid in every entry of dim `dim` the `most` whose hash of seed, place and value is least.
class SpectraSample : public Accumulator {
 public:
  /// The spectra, one behind another, in an order that the seed fixes.
  virtual std::vector<double> spectra() const = 0;
};
std::unique_ptr<SpectraSample> makeSpectraSample(const ArraySpec& input, int dim, std::size_t most, std::uint64_t seed);
std::size_t spectraSampleBytes(std::size_t entries, std::size_t most);

/// A number that looks like chance (Vigna's splitmix64, public domain).
std::uint64_t mixedBits(std::uint64_t x);

}  // namespace cubeloom
