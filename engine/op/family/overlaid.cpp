// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/overlaid.h"

#include <algorithm>
#include <cmath>

#include "engine/op/family/aligned_runs.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/joined.h"
#include "engine/op/family/run_values.h"
#include "engine/op/made_in_runs.h"
#include "engine/op/view/view_operation.h"

namespace cubeloom {
namespace {

struct OverlaidArray {
  std::shared_ptr<const BoundOperation> bound;
  const KernelOperation* kernel = nullptr;  ///< it is
};

class OverlaidTask : public Task {
 public:
  OverlaidTask(const ArraySpec& spec, const std::vector<OverlaidArray>& arrays, Overlap overlap, std::vector<std::unique_ptr<Task>> tasks,
               const Region& region)
      : m_spec(spec), m_arrays(arrays), m_overlap(overlap), m_tasks(std::move(tasks)), m_shape(regionShape(region)) {
    for (std::size_t k = 0; k < m_tasks.size(); ++k)
      for (Need need : m_tasks[k]->needs()) {
        need.input = static_cast<int>(k);
        m_asked.push_back(need);
        need.direct.reset();  // it goes into the array's own block first
        m_needs.push_back(std::move(need));
      }
  }
  const std::vector<Need>& needs() const override { return m_needs; }
  std::size_t scratchBytes() const override {
    std::size_t held = 0, most = 0, elements = 1;
    for (const std::int64_t size : m_shape) elements *= static_cast<std::size_t>(size);
    for (const auto& task : m_tasks) held += task->scratchBytes();
    for (const OverlaidArray& array : m_arrays) most = std::max(most, elements * pixelTypeBytes(array.bound->spec().type));
    return held + most + OverlapValues::bytes(m_overlap, elements, m_tasks.size());
  }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    const auto elements = static_cast<std::size_t>(out.count());
    OverlapValues values(m_overlap, elements, m_tasks.size());
    std::size_t next = 0;
    for (std::size_t k = 0; k < m_tasks.size(); ++k) {
      const std::size_t count = m_tasks[k]->needs().size();
      const std::vector<BlockView> own(inputs.begin() + static_cast<std::ptrdiff_t>(next),
                                       inputs.begin() + static_cast<std::ptrdiff_t>(next + count));
      CUBELOOM_TRY(addArray(k, own, next, values));
      next += count;
    }
    const RunStorer<double> storer(out.type, m_spec.nodata);
    std::vector<double> row;
    std::vector<std::uint8_t> valid;
    std::size_t element = 0;
    forEachRun(out, [&](std::byte* to, std::int64_t n, std::int64_t step) {
      row.resize(static_cast<std::size_t>(n));
      valid.assign(static_cast<std::size_t>(n), 1);
      for (double& value : row) value = values.at(element++);
      storer.store(row.data(), valid.data(), row.size(), to, step);
    });
    return {};
  }

 private:
  /// Array k resampled, and its valid values added.
  Result<void> addArray(std::size_t k, const std::vector<BlockView>& own, std::size_t firstNeed, OverlapValues& values) {
    if (own.empty()) return {};  // it lies elsewhere
    const ArraySpec& spec = m_arrays[k].bound->spec();
    std::size_t bytes = pixelTypeBytes(spec.type);
    for (const std::int64_t size : m_shape) bytes *= static_cast<std::size_t>(size);
    std::vector<std::byte> memory(bytes);
    const BlockView block = denseView(memory.data(), spec.type, m_shape);
    fillBlock(block, spec.nodata.value_or(0));
    std::vector<BlockView> handed = own;
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (!m_asked[firstNeed + i].direct) continue;
      copyBlock(own[i], directView(m_asked[firstNeed + i], block));
      handed[i] = {};
    }
    CUBELOOM_TRY(m_tasks[k]->run(handed, block));
    const RunLoader<double> loader(spec.type, spec.nodata);
    std::vector<double> row;
    std::size_t element = 0;
    forEachRun(block, [&](const std::byte* from, std::int64_t n, std::int64_t step) {
      row.resize(static_cast<std::size_t>(n));
      loader.loadNan(from, step, row.size(), row.data());
      for (const double value : row) {
        if (value == value) values.add(element, value);
        ++element;
      }
    });
    return {};
  }

  const ArraySpec& m_spec;
  const std::vector<OverlaidArray>& m_arrays;
  Overlap m_overlap;
  std::vector<std::unique_ptr<Task>> m_tasks;
  std::vector<std::int64_t> m_shape;
  std::vector<Need> m_needs, m_asked;  ///< the latter as the arrays' own tasks ask
};

class BoundOverlaid : public KernelOperation, public MadeInRuns {
 public:
  BoundOverlaid(ArraySpec spec, std::vector<OverlaidArray> arrays, Overlap overlap, const std::string& summary,
                std::vector<std::string> warnings)
      : m_arrays(std::move(arrays)), m_overlap(overlap) {
    m_spec = std::move(spec);
    m_summary = summary;
    m_warnings = std::move(warnings);
  }
  bool needsRuns() const override {
    return std::any_of(m_arrays.begin(), m_arrays.end(), [](const OverlaidArray& array) {
      const auto* warped = dynamic_cast<const MadeInRuns*>(array.bound.get());
      return warped != nullptr && warped->needsRuns();
    });
  }

  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    std::vector<std::unique_ptr<Task>> tasks;
    for (const OverlaidArray& array : m_arrays) {
      auto task = array.kernel->prepare(region);
      if (!task) return task;
      tasks.push_back(std::move(*task));
    }
    return std::make_unique<OverlaidTask>(m_spec, m_arrays, m_overlap, std::move(tasks), region);
  }

 private:
  std::vector<OverlaidArray> m_arrays;
  Overlap m_overlap;
};

}  // namespace

Result<GeoBox> gridOfAll(const std::vector<ArraySpec>& inputs) {
  const GeoBox& first = *inputs[0].geobox;
  const Affine pixels = first.affine().inverse();
  double top = 0, left = 0, bottom = static_cast<double>(first.rows()), right = static_cast<double>(first.cols());
  for (const ArraySpec& input : inputs) {
    auto bounds = input.geobox->crs().isValid() && first.crs().isValid() ? input.geobox->boundsIn(first.crs())
                                                                         : Result<Bounds>(input.geobox->bounds());
    if (!bounds) return fail(bounds.error());
    for (const auto& [x, y] : {std::pair(bounds->xmin, bounds->ymin),
                               {bounds->xmin, bounds->ymax},
                               {bounds->xmax, bounds->ymin},
                               {bounds->xmax, bounds->ymax}}) {
      const double col = pixels.x(x, y), row = pixels.y(x, y);
      top = std::min(top, row), bottom = std::max(bottom, row);
      left = std::min(left, col), right = std::max(right, col);
    }
  }
  constexpr double kSlack = 1e-3;  // of a pixel, by which grids may miss each other
  const auto down = [](double at) { return static_cast<std::int64_t>(std::floor(at + kSlack)); };
  const auto up = [](double at) { return static_cast<std::int64_t>(std::ceil(at - kSlack)); };
  return first.crop({down(top), down(left), up(bottom) - down(top), up(right) - down(left)});
}

Result<void> settleOverlap(ArraySpec& spec, Overlap overlap, const std::vector<ArraySpec>& arrays) {
  if (overlap == Overlap::Mean || overlap == Overlap::Median) {
    if (spec.isClasses())
      return fail(ErrorCode::UnsupportedType, "the arrays hold numbers of classes: nothing lies between two of them", "take method=first");
    settleComputed(spec, meanType(arrays), 0, 0, true);
  } else if (overlap == Overlap::Count) {
    spec.forgetQuantity();
    spec.unit = "1";
    spec.type = PixelType::Int32;
    spec.nodata.reset();
  }
  return {};
}

Result<std::shared_ptr<const BoundOperation>> bindOverlaid(const std::vector<ArraySpec>& inputs, const GeoBox& grid,
                                                           const WarpedValues& values, Overlap overlap, const std::string& summary) {
  std::vector<std::string> warnings;
  std::vector<OverlaidArray> arrays;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const std::string name = "input " + std::to_string(k + 1);
    if (isComplex(inputs[k].type)) return fail(ErrorCode::UnsupportedType, name + " has complex values, real ones are needed");
    CUBELOOM_TRY(haveSameDims(inputs[0], inputs[k], -1, name, false));
    auto bound = bindWarped(inputs[k], grid, values);
    if (!bound) return fail(bound.error());
    for (const std::string& warning : (*bound)->warnings()) warnings.push_back(name + ": " + warning);
    arrays.push_back({*bound, std::get<const KernelOperation*>((*bound)->work())});
  }
  std::vector<ArraySpec> warped;
  warped.reserve(arrays.size());
  for (const OverlaidArray& array : arrays) warped.push_back(array.bound->spec());
  ArraySpec spec = commonSpec(warped, warnings);
  CUBELOOM_TRY(settleOverlap(spec, overlap, warped));
  return std::make_shared<BoundOverlaid>(std::move(spec), std::move(arrays), overlap, summary, std::move(warnings));
}

}  // namespace cubeloom
