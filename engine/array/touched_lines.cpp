// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/touched_lines.h"

#include <algorithm>

namespace cubeloom {

std::vector<std::pair<std::int64_t, std::int64_t>> touchedLineExtents(const IndexSet& rows, std::int64_t blockLines, std::int64_t lines) {
  if (rows.isEmpty()) return {};
  const auto blockBegin = [blockLines](std::int64_t row) { return row / blockLines * blockLines; };
  const auto blockEnd = [&](std::int64_t row) { return std::min(blockBegin(row) + blockLines, lines); };
  if (rows.isContiguous()) {
    const std::int64_t first = blockBegin(rows.min());
    return {{first, blockEnd(rows.max()) - first}};
  }
  std::vector<std::int64_t> sorted = rows.toVector();
  if (!rows.isIncreasing()) std::sort(sorted.begin(), sorted.end());
  std::vector<std::pair<std::int64_t, std::int64_t>> extents;
  for (const std::int64_t row : sorted) {
    const std::int64_t begin = blockBegin(row);
    if (!extents.empty() && extents.back().first + extents.back().second >= begin) {
      extents.back().second = blockEnd(row) - extents.back().first;
    } else {
      extents.emplace_back(begin, blockEnd(row) - begin);
    }
  }
  return extents;
}

}  // namespace cubeloom
