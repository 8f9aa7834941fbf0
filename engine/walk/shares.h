// SPDX-License-Identifier: GPL-3.0-or-later
// A large region cut into shares, which workers make side by side: what is read for it is read once, what comes out is the same.
#pragma once

#include <functional>
#include <vector>

#include "engine/array/block.h"
#include "engine/array/region.h"
#include "engine/base/result.h"
#include "engine/base/workers.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// Into how many shares steps of an evaluation may be cut, and who makes them.
struct Sharing {
  int count = 1;
  int most = 1;                ///< threads for one step
  Workers* workers = nullptr;  ///< none: the calling thread
};

/// What shares may read more than the whole, as they may where both share a block: nothing but rounding.
constexpr double kReadsMore = 1.001;

/// A part of a region: everything along all dims but one.
struct Share {
  Region region;
  std::size_t dim = 0;
  std::int64_t first = 0, count = 0;  ///< positions in the whole region along `dim`

  /// Its place in a block of the whole region.
  BlockView in(const BlockView& whole) const;
};

/// Calls `work` for every share; the error of the first share that has one. Exceptions become errors.
Result<void> forEachShare(const std::vector<Share>& shares, const Sharing& sharing, const std::function<Result<void>(std::size_t)>& work);

/// Along `dim`, `count` at most; cuts lie where indices pass a multiple of `unit`. Empty where that leaves fewer than two.
std::vector<Share> sharesAlong(const Region& region, std::size_t dim, std::int64_t unit, int count);

/// How a source is read by several at once: cut between the blocks that are decoded whole. Empty where that would read more, or is not
/// worth it.
std::vector<Share> readShares(const Source& source, const Region& region, int count);

/// How a kernel's or a reduction's output is cut. Empty where it is not worth it.
std::vector<Share> outputShares(const ArraySpec& spec, const Region& region, int count);

/// The task for `region` as shares side by side, prepared side by side as well. Null where the operation does not let itself be cut: its
/// inputs are then those of the whole.
Result<std::unique_ptr<Task>> sharedTask(const KernelOperation& kernel, const Region& region, const Sharing& sharing);
/// What sharedTask() holds at most, where it is not null.
Result<std::size_t> sharedScratchBytes(const KernelOperation& kernel, const Region& region, int count);

}  // namespace cubeloom
