// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/serve/asked_places.h"

#include <algorithm>

#include "engine/array/buffer_pool.h"
#include "engine/op/made_in_runs.h"

namespace cubeloom {

Ascending ascending(const IndexSet& asked) {
  if (asked.count() <= 1 || asked.isIncreasing()) return {asked, std::nullopt};
  std::vector<std::int64_t> sorted = asked.toVector(), places;
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  places.reserve(static_cast<std::size_t>(asked.count()));
  for (std::int64_t i = 0; i < asked.count(); ++i)
    places.push_back(std::lower_bound(sorted.begin(), sorted.end(), asked.at(i)) - sorted.begin());
  return {IndexSet::list(std::move(sorted)), IndexSet::list(std::move(places))};
}

void gather(const BlockView& from, const BlockView& to, const Places& places, std::size_t dim) {
  while (dim < places.size() && !places[dim]) ++dim;
  if (dim == places.size()) return copyBlock(from, to);
  for (std::int64_t i = 0; i < places[dim]->count(); ++i) {
    std::vector<std::int64_t> offset(from.shape.size(), 0), size = from.shape;
    offset[dim] = places[dim]->at(i);
    size[dim] = 1;
    std::vector<std::int64_t> toOffset(to.shape.size(), 0), toSize = to.shape;
    toOffset[dim] = i;
    toSize[dim] = 1;
    gather(from.sub(offset, size), to.sub(toOffset, toSize), places, dim + 1);
  }
}

/// Gaps along one dim become parts, or are made along where they are narrow; along the others everything in between is made.
std::vector<RunOfRegion> runsOf(const Graph& graph, int node, const Region& region) {
  constexpr std::int64_t kNarrow = 4;
  constexpr double kRunBytes = 32.0 * 1024 * 1024;
  const ArraySpec& spec = graph.nodes[static_cast<std::size_t>(node)].operation->spec();
  RunOfRegion whole{region, Places(region.size()), 0, 0, 0};
  const std::vector<int> needed = upstream(graph, node);
  const bool matters = std::any_of(needed.begin(), needed.end(), [&graph](int i) {
    const auto* inRuns = dynamic_cast<const MadeInRuns*>(graph.nodes[static_cast<std::size_t>(i)].operation.get());
    return inRuns != nullptr && inRuns->needsRuns();
  });
  if (!matters) return {whole};
  std::optional<std::size_t> along;
  for (std::size_t d = 0; d < region.size(); ++d) {
    const bool isPlace = !spec.isSpatial() || static_cast<int>(d) == spec.yDim || static_cast<int>(d) == spec.xDim;
    if (!isPlace || region[d].isContiguous()) continue;
    const bool isY = spec.isSpatial() && static_cast<int>(d) == spec.yDim;
    if (!along || isY) along = d;
  }
  if (!along) return {whole};
  const auto between = [&region](std::size_t d, std::int64_t first, std::int64_t count) {
    const std::int64_t begin = region[d].at(first), end = region[d].at(first + count - 1);
    return std::pair(IndexSet::range(begin, end - begin + 1), region[d].slice(first, count).shifted(-begin));
  };
  for (std::size_t d = 0; d < region.size(); ++d) {
    const bool isPlace = !spec.isSpatial() || static_cast<int>(d) == spec.yDim || static_cast<int>(d) == spec.xDim;
    if (!isPlace || region[d].isContiguous() || d == *along) continue;
    auto [neighbours, asked] = between(d, 0, region[d].count());
    whole.region[d] = std::move(neighbours);
    whole.places[d] = std::move(asked);
  }
  Region one = whole.region;
  one[*along] = IndexSet::single(region[*along].first());
  const double lineBytes = blockBytes(spec.type, one);
  std::vector<RunOfRegion> runs;
  const IndexSet& lines = region[*along];
  for (std::int64_t first = 0, next = 1; first < lines.count(); first = next++) {
    while (next < lines.count() && lines.at(next) - lines.at(next - 1) <= kNarrow &&
           static_cast<double>(lines.at(next) - lines.at(first)) * lineBytes < kRunBytes)
      ++next;
    RunOfRegion run = whole;
    auto [neighbours, asked] = between(*along, first, next - first);
    run.region[*along] = std::move(neighbours);
    if (!asked.isContiguous()) run.places[*along] = std::move(asked);
    run.dim = *along;
    run.first = first;
    run.count = next - first;
    runs.push_back(std::move(run));
  }
  return runs;
}

double blockBytes(PixelType type, const Region& region) {
  return static_cast<double>(BufferPool::roundedBytes(static_cast<std::size_t>(regionCount(region)) * pixelTypeBytes(type)));
}

}  // namespace cubeloom
