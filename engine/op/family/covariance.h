// SPDX-License-Identifier: GPL-3.0-or-later
// Means and covariances of the entries along a dim over all pixels.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// Of `entries` variables over `count` observations.
struct Covariance {
  double count = 0;
  std::vector<double> mean;
  std::vector<double> products;  ///< row by row: sums of products of the deviations from the means
  double at(std::size_t i, std::size_t j) const { return products[i * mean.size() + j]; }
};

/// Gathers what is needed for it; pixels without a value in an entry are left out. Sums are those of the differences from the first pixel,
/// in groups of a fixed number of pixels, merged as Chan, Golub, LeVeque 1983 (doi:10.1080/00031305.1983.10483115): the same bits for any
/// cuts.
class CovarianceSums : public Accumulator {
 public:
  virtual Covariance covariance() const = 0;
};
std::unique_ptr<CovarianceSums> makeCovarianceSums(const ArraySpec& input, int dim);
std::size_t covarianceBytes(std::size_t entries);

}  // namespace cubeloom
