// SPDX-License-Identifier: GPL-3.0-or-later
// Mixtures of normal distributions: found in a sample of spectra by expectation maximisation, and which component a pixel belongs to.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/op/family/clusters.h"
#include "engine/op/family/pointwise.h"

namespace cubeloom {

/// `count` components over `entries` variables.
struct Mixture {
  std::size_t count = 0, entries = 0;
  bool isDiagonal = false;
  std::vector<double> means;      ///< [k * entries + i]
  std::vector<double> whitening;  ///< per component the inverse of its covariance's Cholesky factor, row by row; of diagonal ones 1 / sigma
  std::vector<double> levels;     ///< logarithm of a component's weight and density where nothing deviates from its mean

  std::size_t whiteningSize() const { return isDiagonal ? entries : entries * entries; }
  std::size_t bytes() const { return (count * (entries + whiteningSize() + 1)) * sizeof(double); }
};

/// Expectation maximisation on `spectra` (Dempster, Laird, Rubin 1977) from the clusters around `centres`, as scikit-learn's
/// GaussianMixture: 1e-6 is added to each variance, and it ends where the mean log-likelihood changes by less than 1e-3, or after
/// `iterations`. Components in the order of their first means, then the next ones. None where a covariance matrix is singular.
std::optional<Mixture> mixtureOf(const std::vector<double>& spectra, const Centres& centres, bool isDiagonal, int iterations,
                                 const CancelToken& cancel);

/// The number of the component most likely for each spectrum, from 0; operands are the entries.
std::shared_ptr<const PointKernel> likeliestComponent(std::shared_ptr<const Mixture> mixture);

}  // namespace cubeloom
