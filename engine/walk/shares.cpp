// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/shares.h"

#include <algorithm>
#include <numeric>

#include "engine/base/guard.h"
#include "engine/walk/merged_regions.h"

namespace cubeloom {
namespace {

constexpr double kLeastShareBytes = 65536;  // read; below this, handing out takes longer

/// A scalar has no dim to cut along.
bool canBeCut(const Region& region) { return !region.empty() && regionCount(region) > 0; }

/// The dim that varies slowest in the file and can be cut at all.
std::size_t slowestDim(const ArraySpec& spec, const std::vector<std::int64_t>& unit, const Region& region) {
  std::vector<int> order = spec.storage.order;
  if (order.size() != region.size()) {
    order.resize(region.size());
    std::iota(order.begin(), order.end(), 0);
  }
  for (const int d : order) {
    const auto at = static_cast<std::size_t>(d);
    if (region[at].count() > unit[at]) return at;
  }
  return 0;
}

/// Shares of one task: each with its own inputs, which are views of the whole's.
class SharedTask : public Task {
 public:
  SharedTask(std::vector<Share> shares, std::vector<std::unique_ptr<Task>> tasks, std::vector<Need> needs,
             std::vector<std::vector<Region>> positions, const Sharing& sharing)
      : m_shares(std::move(shares)),
        m_tasks(std::move(tasks)),
        m_needs(std::move(needs)),
        m_positions(std::move(positions)),
        m_sharing(sharing) {}

  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override {
    std::size_t bytes = 0;
    for (const auto& task : m_tasks) bytes += task->scratchBytes();
    return bytes;
  }
  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    return forEachShare(m_shares, m_sharing, [&](std::size_t i) {
      std::vector<BlockView> views;
      for (std::size_t k = 0; k < m_positions[i].size(); ++k) views.push_back(viewAt(inputs[k], m_positions[i][k]));
      return m_tasks[i]->run(views, m_shares[i].in(out));
    });
  }

 private:
  std::vector<Share> m_shares;
  std::vector<std::unique_ptr<Task>> m_tasks;  ///< one per share
  std::vector<Need> m_needs;
  std::vector<std::vector<Region>> m_positions;  ///< per share and need: where its input lies in the whole's
  Sharing m_sharing;
};

/// What all shares need, merged need by need. Empty where they do not ask for the same inputs, or have them delivered into the output.
std::vector<Need> needsOfAll(const std::vector<std::unique_ptr<Task>>& tasks) {
  std::vector<Need> all;
  for (const auto& task : tasks) {
    const std::vector<Need>& needs = task->needs();
    if (needs.empty()) continue;  // lies outside its input
    if (all.empty()) all.assign(needs.size(), {});
    if (needs.size() != all.size()) return {};
    for (std::size_t k = 0; k < needs.size(); ++k) {
      if (needs[k].direct) return {};
      if (all[k].region.empty()) {
        all[k] = needs[k];
        continue;
      }
      if (needs[k].input != all[k].input) return {};
      all[k].region = mergedRegion(all[k].region, needs[k].region);
    }
  }
  return all;
}

}  // namespace

BlockView Share::in(const BlockView& whole) const {
  std::vector<std::int64_t> offset(whole.shape.size(), 0), size = whole.shape;
  offset[dim] = first;
  size[dim] = count;
  return whole.sub(offset, size);
}

Result<void> forEachShare(const std::vector<Share>& shares, const Sharing& sharing, const std::function<Result<void>(std::size_t)>& work) {
  std::vector<Result<void>> outcomes(shares.size());
  const auto one = [&](int i) {
    const auto at = static_cast<std::size_t>(i);
    outcomes[at] = guarded([&] { return work(at); });
  };
  const int count = static_cast<int>(shares.size());
  if (sharing.workers != nullptr && sharing.most > 1) {
    sharing.workers->each(count, sharing.most, one);
  } else {
    for (int i = 0; i < count; ++i) one(i);
  }
  for (Result<void>& outcome : outcomes)
    if (!outcome) return std::move(outcome);
  return {};
}

std::vector<Share> sharesAlong(const Region& region, std::size_t dim, std::int64_t unit, int count) {
  const IndexSet& along = region[dim];
  const std::int64_t size = along.count();
  std::vector<Share> shares;
  std::int64_t first = 0;
  for (int i = 1; i <= count && first < size; ++i) {
    std::int64_t end = std::max(first + 1, size * i / count);
    while (end < size && along.at(end) / unit == along.at(end - 1) / unit) ++end;
    if (i == count) end = size;
    Share share{region, dim, first, end - first};
    share.region[dim] = along.slice(first, end - first);
    shares.push_back(std::move(share));
    first = end;
  }
  if (shares.size() < 2) shares.clear();
  return shares;
}

std::vector<Share> readShares(const Source& source, const Region& region, int count) {
  if (count < 2 || !canBeCut(region)) return {};
  const ReadCost whole = source.cost(region);
  count = static_cast<int>(std::min<double>(count, whole.bytes / kLeastShareBytes));
  if (count < 2) return {};
  std::vector<std::int64_t> unit = source.decodedBlock();
  if (unit.empty()) unit.assign(region.size(), 1);
  const std::size_t dim = slowestDim(source.spec(), unit, region);
  if (!region[dim].isIncreasing()) return {};
  std::vector<Share> shares = sharesAlong(region, dim, unit[dim], count);
  double bytes = 0;
  for (const Share& share : shares) bytes += source.cost(share.region).bytes;
  if (bytes > kReadsMore * whole.bytes) shares.clear();
  return shares;
}

std::vector<Share> outputShares(const ArraySpec& spec, const Region& region, int count) {
  if (count < 2 || !canBeCut(region)) return {};
  // Rows, where there are such: what a kernel prepares for a place on the ground, it prepares once.
  std::size_t dim = spec.yDim >= 0 ? static_cast<std::size_t>(spec.yDim) : 0;
  for (std::size_t d = 0; d < region.size(); ++d)
    if (region[dim].count() < count && region[d].count() > region[dim].count()) dim = d;
  return sharesAlong(region, dim, 1, count);
}

Result<std::unique_ptr<Task>> sharedTask(const KernelOperation& kernel, const Region& region, const Sharing& sharing) {
  std::vector<Share> shares = kernel.isView() ? std::vector<Share>() : outputShares(kernel.spec(), region, sharing.count);
  if (shares.empty()) return nullptr;
  std::vector<std::unique_ptr<Task>> tasks(shares.size());
  CUBELOOM_TRY(forEachShare(shares, sharing, [&](std::size_t i) -> Result<void> {
    auto task = kernel.prepare(shares[i].region);
    if (!task) return fail(std::move(task.error()));
    tasks[i] = std::move(*task);
    return {};
  }));
  std::vector<Need> needs = needsOfAll(tasks);
  if (needs.empty()) return nullptr;
  std::vector<std::vector<Region>> positions(tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    for (std::size_t k = 0; k < tasks[i]->needs().size(); ++k) {
      positions[i].push_back(positionsIn(needs[k].region, tasks[i]->needs()[k].region));
      if (!isView(positions[i].back())) return nullptr;
    }
  }
  return std::make_unique<SharedTask>(std::move(shares), std::move(tasks), std::move(needs), std::move(positions), sharing);
}

Result<std::size_t> sharedScratchBytes(const KernelOperation& kernel, const Region& region, int count) {
  std::size_t all = 0;
  if (kernel.isView()) return all;
  for (const Share& share : outputShares(kernel.spec(), region, count)) {
    std::size_t bytes = 0;
    if (auto needs = kernel.plan(share.region, &bytes); !needs) return fail(needs.error());
    all += bytes;
  }
  return all;
}

}  // namespace cubeloom
