// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/chunk_parts.h"

#include <algorithm>

#include "engine/array/touched_lines.h"

namespace cubeloom {
namespace {

bool sameSources(const std::vector<SelectedRun>& a, const std::vector<SelectedRun>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const SelectedRun& x, const SelectedRun& y) {
    return x.source == y.source && x.sourceStep == y.sourceStep && x.count == y.count;
  });
}

/// Loops over all dims but the last two, and planes of those.
struct PartCopy {
  const StridedCopy& copy;
  const std::vector<const ChunkPart*>& place;
  const std::vector<std::int64_t>& strides;

  void run(const std::byte* from, std::byte* to, std::size_t d) const {
    if (place.size() - d == 1) {
      for (const SelectedRun& run : place[d]->runs)
        copy.line(from + run.source * strides[d], run.sourceStep * strides[d], to + run.target, run.targetStep, run.count);
      return;
    }
    for (const SelectedRun& outer : place[d]->runs) {
      const std::byte* source = from + outer.source * strides[d];
      std::byte* target = to + outer.target;
      if (place.size() - d == 2) {
        for (const SelectedRun& inner : place[d + 1]->runs)
          copy.plane(source + inner.source * strides[d + 1], outer.sourceStep * strides[d], inner.sourceStep * strides[d + 1],
                     target + inner.target, outer.targetStep, inner.targetStep, outer.count, inner.count);
        continue;
      }
      for (std::int64_t i = 0; i < outer.count; ++i, source += outer.sourceStep * strides[d], target += outer.targetStep)
        run(source, target, d + 1);
    }
  }
};

}  // namespace

std::vector<ChunkPart> chunkParts(const IndexSet& set, std::int64_t chunk, std::int64_t size, std::int64_t targetStride) {
  const std::vector<SelectedRun> runs = selectedRuns(set, 1, targetStride);
  std::vector<ChunkPart> parts;
  for (const auto& [first, count] : touchedLineExtents(set, chunk, size)) {
    for (std::int64_t begin = first; begin < first + count; begin += chunk) {
      ChunkPart part{begin / chunk, {}, 0};
      // Run ends never decrease, so those that end before the chunk are skipped by bisection.
      auto run = std::partition_point(runs.begin(), runs.end(), [begin](const SelectedRun& r) { return r.lastSource() < begin; });
      for (; run != runs.end() && run->source < begin + chunk; ++run) {
        SelectedRun inside = clippedRun(*run, begin, begin + chunk);
        inside.source -= begin;
        if (inside.count > 0) part.runs.push_back(inside);
      }
      if (!parts.empty()) part.pattern = parts.back().pattern + (sameSources(parts.back().runs, part.runs) ? 0 : 1);
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

std::vector<std::vector<ChunkPart>> chunkParts(const Region& region, const std::vector<std::int64_t>& chunk,
                                               const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& targetStrides) {
  std::vector<std::vector<ChunkPart>> dims;
  dims.reserve(region.size());
  for (std::size_t d = 0; d < region.size(); ++d) dims.push_back(chunkParts(region[d], chunk[d], shape[d], targetStrides[d]));
  return dims;
}

void copyChunkPart(const StridedCopy& copy, const std::vector<const ChunkPart*>& place, const std::byte* from,
                   const std::vector<std::int64_t>& strides, std::byte* to) {
  if (place.empty())
    copy.line(from, 0, to, 0, 1);
  else
    PartCopy{copy, place, strides}.run(from, to, 0);
}

}  // namespace cubeloom
