// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/region.h"

namespace cubeloom {

Region fullRegion(const std::vector<std::int64_t>& shape) {
  Region region;
  for (const std::int64_t size : shape) region.push_back(IndexSet::all(size));
  return region;
}

std::vector<std::int64_t> regionShape(const Region& region) {
  std::vector<std::int64_t> shape;
  for (const IndexSet& set : region) shape.push_back(set.count());
  return shape;
}

std::int64_t regionCount(const Region& region) {
  std::int64_t count = 1;
  for (const IndexSet& set : region) count *= set.count();
  return count;
}

}  // namespace cubeloom
