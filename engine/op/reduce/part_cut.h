// SPDX-License-Identifier: GPL-3.0-or-later
// Where an input that is gathered along one dim is cut: into parts for workers, and these into pieces for a core's cache.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// Values of one run along the last dim that are added up together; cuts along that dim fall on multiples of it, so that none shows in a
/// sum.
constexpr std::int64_t kRunValues = 4096;

/// Cuts along `dim` of `input`. Immutable.
class PartCut {
 public:
  PartCut(const ArraySpec& input, int dim);

  /// `whole` takes in all of `dim`. `bySpec`: cut as if it were all of the input, so that parts of different regions fall together.
  std::vector<Region> parts(const Region& whole, bool bySpec) const;
  /// Falls on the borders of the source's blocks; a part whose storage is not known stays whole.
  std::vector<Region> pieces(const Region& part) const;

 private:
  std::vector<Region> cut(const Region& region, std::int64_t step) const;

  std::size_t m_dim;
  double m_elementBytes, m_indexBytes;  ///< the latter of one index along the dim in all of the input
  std::int64_t m_size;
  std::int64_t m_runs;        ///< cuts fall on multiples of this ...
  std::int64_t m_blocks = 0;  ///< ... and preferably of this; 0: storage unknown
};

}  // namespace cubeloom
