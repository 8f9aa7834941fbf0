// SPDX-License-Identifier: GPL-3.0-or-later
// The data variables that an array becomes in a format that has several: NetCDF and Zarr.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/access/sink.h"
#include "engine/array/array_spec.h"

namespace cubeloom {

/// One, or along a dim of variables one per entry. The output's chunks stay those of the whole array, with one entry along that dim:
/// journal, resume and parts know of one grid.
struct OutputVariables {
  int dim = -1;                  ///< of the array: along which the variables lie; -1: it is one variable
  std::vector<ArraySpec> specs;  ///< one per variable, without that dim

  std::size_t count() const { return specs.size(); }
  /// Which variable a region of one entry along the dim belongs to.
  std::size_t of(const Region& region) const {
    return dim < 0 ? 0 : static_cast<std::size_t>(region[static_cast<std::size_t>(dim)].first());
  }
  /// A list of one item per dim of the array, without the one of the variables.
  template <class T>
  std::vector<T> within(std::vector<T> perDim) const {
    if (dim >= 0 && !perDim.empty()) perDim.erase(perDim.begin() + dim);
    return perDim;
  }
  /// The same the other way round: one entry along the dim of the variables.
  std::vector<std::int64_t> chunkOf(std::vector<std::int64_t> chunk) const {
    if (dim >= 0) chunk.insert(chunk.begin() + dim, 1);
    return chunk;
  }
};

OutputVariables outputVariables(const SinkRequest& request);

/// The request of the first variable, by itself: chunks are worked out for it.
SinkRequest requestOfOne(const SinkRequest& request, const OutputVariables& variables);

/// Makes names that stand twice differ, by a number behind them.
void makeDifferent(std::vector<std::string>& names);

}  // namespace cubeloom
