// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/merged_regions.h"

#include <algorithm>

namespace cubeloom {
namespace {

IndexSet merged(const IndexSet& a, const IndexSet& b) {
  if (a == b) return a;
  if (a.isContiguous() && b.isContiguous() && !a.isEmpty() && !b.isEmpty() && a.first() <= b.first() + b.count() &&
      b.first() <= a.first() + a.count()) {
    const std::int64_t first = std::min(a.first(), b.first());
    return IndexSet::range(first, std::max(a.max(), b.max()) - first + 1);
  }
  std::vector<std::int64_t> all = a.toVector();
  const std::vector<std::int64_t> more = b.toVector();
  all.insert(all.end(), more.begin(), more.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return IndexSet::list(std::move(all));
}

/// `whole` equals `part`, or is ascending.
IndexSet positions(const IndexSet& whole, const IndexSet& part) {
  if (whole == part) return IndexSet::all(part.count());
  if (whole.isContiguous()) return part.shifted(-whole.first());
  const std::vector<std::int64_t> indices = whole.toVector();
  std::vector<std::int64_t> at(static_cast<std::size_t>(part.count()));
  for (std::size_t i = 0; i < at.size(); ++i)
    at[i] = std::lower_bound(indices.begin(), indices.end(), part.at(static_cast<std::int64_t>(i))) - indices.begin();
  return IndexSet::list(std::move(at));
}

}  // namespace

Region mergedRegion(const Region& a, const Region& b) {
  Region whole;
  for (std::size_t d = 0; d < a.size(); ++d) whole.push_back(merged(a[d], b[d]));
  return whole;
}

bool isMergerWasteful(const Region& a, const Region& b) {
  bool isApart = false;
  int differing = 0;
  for (std::size_t d = 0; d < a.size(); ++d) {
    if (a[d] == b[d]) continue;
    if (!a[d].isIncreasing() || !b[d].isIncreasing()) return false;  // repeated ones are merged
    ++differing;
    isApart = isApart || a[d].max() < b[d].min() || b[d].max() < a[d].min();
  }
  return isApart && differing > 1;
}

Region positionsIn(const Region& whole, const Region& part) {
  Region at;
  for (std::size_t d = 0; d < whole.size(); ++d) at.push_back(positions(whole[d], part[d]));
  return at;
}

bool isView(const Region& positions) {
  return std::all_of(positions.begin(), positions.end(), [](const IndexSet& along) { return along.isRange(); });
}

BlockView viewAt(const BlockView& whole, const Region& positions) {
  BlockView view = whole;
  for (std::size_t d = 0; d < positions.size(); ++d) {
    view.data += positions[d].first() * whole.strides[d];
    view.shape[d] = positions[d].count();
    view.strides[d] = positions[d].step() * whole.strides[d];
  }
  return view;
}

void copyAt(const BlockView& whole, const Region& positions, const BlockView& to) {
  const auto list = std::find_if(positions.begin(), positions.end(), [](const IndexSet& along) { return !along.isRange(); });
  if (list == positions.end()) return copyBlock(viewAt(whole, positions), to);
  const auto d = static_cast<std::size_t>(list - positions.begin());
  Region one = positions;
  std::vector<std::int64_t> offset(to.shape.size(), 0), size = to.shape;
  size[d] = 1;
  for (std::int64_t i = 0; i < list->count(); ++i) {
    one[d] = IndexSet::single(list->at(i));
    offset[d] = i;
    copyAt(whole, one, to.sub(offset, size));
  }
}

}  // namespace cubeloom
