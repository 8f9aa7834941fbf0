// SPDX-License-Identifier: GPL-3.0-or-later
// Which elements of what is made were asked for, and in which order.
#pragma once

#include <optional>
#include <vector>

#include "engine/array/block.h"
#include "engine/array/region.h"
#include "engine/chain/graph.h"

namespace cubeloom {

/// Indices along one dim in ascending order, each once; and where those asked for are among them.
struct Ascending {
  IndexSet indices;
  std::optional<IndexSet> places;  ///< unset: they are in order
};

Ascending ascending(const IndexSet& asked);

/// Positions along each dim; unset: all of them, in order.
using Places = std::vector<std::optional<IndexSet>>;

/// Copies the elements of `from` at `places` into `to`, dim after dim.
void gather(const BlockView& from, const BlockView& to, const Places& places, std::size_t dim = 0);

/// A part of a region made from one run of neighbours along each dim where that matters.
struct RunOfRegion {
  Region region;                      ///< of neighbours
  Places places;                      ///< those that were asked for among them; unset: all
  std::size_t dim = 0;                ///< along which parts follow each other
  std::int64_t first = 0, count = 0;  ///< positions in the whole region along `dim`; 0: it is all of it
  bool isGathered() const {
    return std::any_of(places.begin(), places.end(), [](const auto& one) { return one.has_value(); });
  }
  BlockView in(const BlockView& whole) const {
    if (count == 0) return whole;
    std::vector<std::int64_t> offset(whole.shape.size(), 0), size = whole.shape;
    offset[dim] = first;
    size[dim] = count;
    return whole.sub(offset, size);
  }
};

/// `region` (ascending) of `node` as what a run would make of it: where an operation above needs runs of neighbours, what lies between is
/// made, too. One part that is the region itself where it does not matter.
std::vector<RunOfRegion> runsOf(const Graph& graph, int node, const Region& region);

/// Of a block for `region`, as the pool holds it.
double blockBytes(PixelType type, const Region& region);

}  // namespace cubeloom
