// SPDX-License-Identifier: GPL-3.0-or-later
// Clusters of spectra around centres: found in a sample by k-means, improved by all pixels, and which of them a pixel belongs to.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/op/family/pointwise.h"

namespace cubeloom {

/// `count` centres of `entries` values each, one behind another.
struct Centres {
  std::size_t count = 0, entries = 0;
  std::vector<double> values;
  /// In the order of their first entries, then the next ones.
  void sort();
};

/// Lloyd's k-means on `spectra` from starts by k-means++ (Arthur and Vassilvitskii 2007), `starts` times, the best of them: that with the
/// least sum of squared distances. Ends where no spectrum changes its cluster, or after `iterations`. A cluster that becomes empty takes
/// the spectrum that lies farthest from its centre. Once canceled it ends soon, with any centres.
Centres clustersOf(const std::vector<double>& spectra, std::size_t entries, std::size_t count, int starts, int iterations,
                   std::uint64_t seed, const CancelToken& cancel);

/// One step of Lloyd's over all pixels of an array: their sums by nearest centre.
class ClusterSums : public Accumulator {
 public:
  /// The means; of a cluster without pixels its centre as it was.
  virtual Centres centres() const = 0;
};
std::unique_ptr<ClusterSums> makeClusterSums(const ArraySpec& input, int dim, std::shared_ptr<const Centres> centres);
std::size_t clusterSumsBytes(const Centres& centres);

/// The number of the centre nearest to each spectrum, from 0; operands are the entries.
std::shared_ptr<const PointKernel> nearestCentre(std::shared_ptr<const Centres> centres);

}  // namespace cubeloom
