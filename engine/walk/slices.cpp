// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/walk/slices.h"

#include <algorithm>
#include <numeric>

#include "engine/base/guard.h"
#include "engine/walk/merged_regions.h"

namespace cubeloom {
namespace {

constexpr double kLeastSliceBytes = 65536;  // read; below this, handing out takes longer

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

/// Slices of one task: each with its own inputs, which are views of the whole's.
class SlicedTask : public Task {
 public:
  SlicedTask(std::vector<Slice> slices, std::vector<std::unique_ptr<Task>> tasks, std::vector<Need> needs,
             std::vector<std::vector<Region>> positions, const Slicing& slicing)
      : m_slices(std::move(slices)),
        m_tasks(std::move(tasks)),
        m_needs(std::move(needs)),
        m_positions(std::move(positions)),
        m_slicing(slicing) {}

  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override {
    std::size_t bytes = 0;
    for (const auto& task : m_tasks) bytes += task->scratchBytes();
    return bytes;
  }
  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    return forEachSlice(m_slices, m_slicing, [&](std::size_t i) {
      std::vector<BlockView> views;
      for (std::size_t k = 0; k < m_positions[i].size(); ++k) views.push_back(viewAt(inputs[k], m_positions[i][k]));
      return m_tasks[i]->run(views, m_slices[i].in(out));
    });
  }

 private:
  std::vector<Slice> m_slices;
  std::vector<std::unique_ptr<Task>> m_tasks;  ///< one per slice
  std::vector<Need> m_needs;
  std::vector<std::vector<Region>> m_positions;  ///< per slice and need: where its input lies in the whole's
  Slicing m_slicing;
};

/// What all slices need, merged need by need. Empty where they do not ask for the same inputs, or have them delivered into the output.
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

BlockView Slice::in(const BlockView& whole) const {
  std::vector<std::int64_t> offset(whole.shape.size(), 0), size = whole.shape;
  offset[dim] = first;
  size[dim] = count;
  return whole.sub(offset, size);
}

Result<void> forEachSlice(const std::vector<Slice>& slices, const Slicing& slicing, const std::function<Result<void>(std::size_t)>& work) {
  std::vector<Result<void>> outcomes(slices.size());
  const auto one = [&](int i) {
    const auto at = static_cast<std::size_t>(i);
    outcomes[at] = guarded([&] { return work(at); });
  };
  const int count = static_cast<int>(slices.size());
  if (slicing.workers != nullptr && slicing.most > 1) {
    slicing.workers->each(count, slicing.most, one);
  } else {
    for (int i = 0; i < count; ++i) one(i);
  }
  for (Result<void>& outcome : outcomes)
    if (!outcome) return std::move(outcome);
  return {};
}

std::vector<Slice> slicesAlong(const Region& region, std::size_t dim, std::int64_t unit, int count) {
  const IndexSet& along = region[dim];
  const std::int64_t size = along.count();
  std::vector<Slice> slices;
  std::int64_t first = 0;
  for (int i = 1; i <= count && first < size; ++i) {
    std::int64_t end = std::max(first + 1, size * i / count);
    while (end < size && along.at(end) / unit == along.at(end - 1) / unit) ++end;
    if (i == count) end = size;
    Slice slice{region, dim, first, end - first};
    slice.region[dim] = along.slice(first, end - first);
    slices.push_back(std::move(slice));
    first = end;
  }
  if (slices.size() < 2) slices.clear();
  return slices;
}

std::vector<Slice> readSlices(const Source& source, const Region& region, int count) {
  if (count < 2 || regionCount(region) == 0) return {};
  const ReadCost whole = source.cost(region);
  count = static_cast<int>(std::min<double>(count, whole.bytes / kLeastSliceBytes));
  if (count < 2) return {};
  std::vector<std::int64_t> unit = source.decodedBlock();
  if (unit.empty()) unit.assign(region.size(), 1);
  const std::size_t dim = slowestDim(source.spec(), unit, region);
  if (!region[dim].isIncreasing()) return {};
  std::vector<Slice> slices = slicesAlong(region, dim, unit[dim], count);
  double bytes = 0;
  for (const Slice& slice : slices) bytes += source.cost(slice.region).bytes;
  if (bytes > kReadsMore * whole.bytes) slices.clear();
  return slices;
}

std::vector<Slice> outputSlices(const ArraySpec& spec, const Region& region, int count) {
  if (count < 2 || regionCount(region) == 0) return {};
  // Rows, where there are such: what a kernel prepares for a place on the ground, it prepares once.
  std::size_t dim = spec.yDim >= 0 ? static_cast<std::size_t>(spec.yDim) : 0;
  for (std::size_t d = 0; d < region.size(); ++d)
    if (region[dim].count() < count && region[d].count() > region[dim].count()) dim = d;
  return slicesAlong(region, dim, 1, count);
}

Result<std::unique_ptr<Task>> slicedTask(const KernelOperation& kernel, const Region& region, const Slicing& slicing) {
  std::vector<Slice> slices = kernel.isView() ? std::vector<Slice>() : outputSlices(kernel.spec(), region, slicing.count);
  if (slices.empty()) return nullptr;
  std::vector<std::unique_ptr<Task>> tasks(slices.size());
  CUBELOOM_TRY(forEachSlice(slices, slicing, [&](std::size_t i) -> Result<void> {
    auto task = kernel.prepare(slices[i].region);
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
  return std::make_unique<SlicedTask>(std::move(slices), std::move(tasks), std::move(needs), std::move(positions), slicing);
}

Result<std::size_t> slicedScratchBytes(const KernelOperation& kernel, const Region& region, int count) {
  std::size_t all = 0;
  if (kernel.isView()) return all;
  for (const Slice& slice : outputSlices(kernel.spec(), region, count)) {
    std::size_t bytes = 0;
    if (auto needs = kernel.plan(slice.region, &bytes); !needs) return fail(needs.error());
    all += bytes;
  }
  return all;
}

}  // namespace cubeloom
