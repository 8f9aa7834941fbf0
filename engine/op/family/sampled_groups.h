// SPDX-License-Identifier: GPL-3.0-or-later
// What operations that sort pixels into groups of like spectra have in common: their result's classes, and the sample that they learn from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/op/family/fitted.h"
#include "engine/op/family/pointwise.h"

namespace cubeloom {

/// What their parameters say.
struct SampledGroups {
  ArraySpec input;
  int dim = 0;          ///< the spectra's
  Pointwise pointwise;  ///< numbers of groups, with names and colours, from the entries; without a kernel
  std::size_t count = 0, sample = 0;
  int starts = 1, iterations = 1;
  std::uint64_t seed = 0;
  std::size_t entries() const { return static_cast<std::size_t>(input.dims[static_cast<std::size_t>(dim)].size); }
};
/// From sample, n_init, max_iter, seed, dim, and the parameter `countParam`, which says how many groups: "clusters".
Result<SampledGroups> sampledGroups(const Params& params, const ArraySpec& input, const std::string& countParam);

/// The declarations of `sample`, `n_init` and `seed`, and of `max_iter` with its default.
Param sampleParam();
Param startsParam();
Param iterationsParam(int byDefault);
Param chanceParam();

/// Draws the sample. UnsupportedType: it has fewer spectra than there are groups.
class GroupSamplePass : public SpectraPass {
 public:
  explicit GroupSamplePass(const SampledGroups& groups)
      : SpectraPass(groups.input, groups.dim),
        m_count(groups.count),
        m_sample(groups.sample),
        m_entries(groups.entries()),
        m_seed(groups.seed) {}
  std::unique_ptr<Accumulator> accumulator() const final;
  double accumulatorBytes() const final;
  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total, const CancelToken& cancel) const final;

 protected:
  /// What follows from the spectra; there is none where every pixel is nodata. Once canceled, anything.
  virtual Result<std::shared_ptr<const BoundOperation>> found(const std::vector<double>& spectra, const CancelToken& cancel) const = 0;

 private:
  std::size_t m_count, m_sample, m_entries;
  std::uint64_t m_seed;
};

}  // namespace cubeloom
