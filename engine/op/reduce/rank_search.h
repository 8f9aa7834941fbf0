// SPDX-License-Identifier: GPL-3.0-or-later
// Order statistics of sets that are too large to be held: the bits of their sort keys, found from the first to the last in a few passes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/op/reduce/accumulator.h"
#include "engine/op/reduce/quantile_operation.h"

namespace cubeloom {

/// What has been found before a pass, and what the pass counts: `bits` more bits of the keys that begin with one of the known prefixes.
/// Immutable.
struct RankSearch {
  /// One order statistic that is looked for.
  struct Target {
    std::int64_t rank = 0;     ///< among the values of its set that begin with its prefix
    std::uint64_t prefix = 0;  ///< the bits known
  };
  int known = 0;  ///< bits of every prefix
  int bits = 0;
  std::vector<std::int64_t> counts;                  ///< valid values of each set; known after the first pass
  std::vector<std::vector<Target>> targets;          ///< of each set: lower and upper rank of each quantile; empty before the first pass
  std::vector<std::vector<std::uint64_t>> prefixes;  ///< of each set, ascending, each once
};

/// How the bits of a key are shared out among passes, so that the counts of each stay within some MiB.
std::vector<int> searchBits(const QuantileRequest& request);
/// Most bytes of the counts of any pass.
double searchBytes(const QuantileRequest& request);

RankSearch firstSearch(const QuantileRequest& request);
std::unique_ptr<Accumulator> searchCounts(const QuantileRequest& request, const RankSearch& search);
/// After a pass: more bits known. `bits`: of the next one.
RankSearch narrowed(const QuantileRequest& request, const RankSearch& search, const Accumulator& counts, int bits);
/// All bits are known: the quantiles of each set, one set after another.
std::vector<double> foundQuantiles(const QuantileRequest& request, const RankSearch& search);

}  // namespace cubeloom
