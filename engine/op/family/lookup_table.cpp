// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/lookup_table.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/geo/same_grid.h"
#include "engine/op/family/plane_rows.h"
#include "engine/op/family/same_entries.h"
#include "engine/op/reduce/part_cut.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

constexpr double kMostTableBytes = 1024.0 * 1024 * 1024;

using LookupRows = PlaneRows<std::int32_t>;

/// What no array has as many entries for is no place in one.
std::int32_t placeOf(double value) {
  return std::isnan(value) || std::abs(value) > 2e9 ? 0 : static_cast<std::int32_t>(std::lround(value));
}

class LookupPass : public FitPass {
 public:
  /// `samples`: of the pass before, where the planes are two arrays.
  LookupPass(LookupPlanes planes, std::shared_ptr<const std::vector<std::int32_t>> samples, UntilTableFound pending, TableFound found)
      : m_planes(std::move(planes)),
        m_samples(std::move(samples)),
        m_pending(std::move(pending)),
        m_found(std::move(found)),
        m_array(m_planes.arrays[m_samples ? 1 : 0]),
        m_cut(m_array, m_array.yDim) {}

  int input() const override { return m_planes.inputs[m_samples ? 1 : 0]; }
  std::vector<Region> parts() const override { return m_cut.parts(fullRegion(m_array.shape()), true); }
  std::vector<Region> pieces(const Region& part) const override { return m_cut.pieces(part); }
  std::unique_ptr<Accumulator> accumulator() const override {
    return std::make_unique<LookupRows>(m_array, PlacePlanes{m_planes.layerDim, m_array.yDim, m_array.xDim}, layers(), placeOf);
  }
  double accumulatorBytes() const override { return bytesOf(layers().size()); }
  double fittedBytes() const override { return bytesOf(2); }
  int passes() const override { return m_planes.arrays.size() == 2 && !m_samples ? 2 : 1; }
  std::vector<bool> canBeSampled() const override {
    std::vector<bool> can(m_array.dims.size(), false);
    for (const int d : {m_array.yDim, m_array.xDim}) can[static_cast<std::size_t>(d)] = true;
    return can;
  }

  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total, const CancelToken& /*cancel*/) const override {
    const auto& rows = static_cast<const LookupRows&>(total);
    if (passes() == 2) {
      auto samples = std::make_shared<std::vector<std::int32_t>>(rows.numbers(0));
      return m_pending(std::make_unique<LookupPass>(m_planes, std::move(samples), m_pending, m_found));
    }
    auto table = std::make_shared<LookupTable>();
    table->samples = m_samples ? *m_samples : rows.numbers(0);
    table->lines = rows.numbers(m_samples ? 0 : 1);
    table->rows = rows.lines();
    table->cols = rows.samples();
    return m_found(std::move(table));
  }

 private:
  std::vector<std::int64_t> layers() const {
    return m_planes.layerDim < 0 ? std::vector<std::int64_t>{0} : std::vector{m_planes.sampleAt, m_planes.lineAt};
  }
  double bytesOf(std::size_t layers) const {
    return static_cast<double>(layers * sizeof(std::int32_t)) * static_cast<double>(m_planes.grid().rows() * m_planes.grid().cols());
  }

  LookupPlanes m_planes;
  std::shared_ptr<const std::vector<std::int32_t>> m_samples;
  UntilTableFound m_pending;
  TableFound m_found;
  ArraySpec m_array;
  PartCut m_cut;
};

bool saysLine(const std::string& label) {
  const std::string text = toLower(label);
  return text.find("sample") == std::string::npos && (text.find("line") != std::string::npos || text.ends_with("_y") || text == "y");
}

/// Finds the dim of the two numbers in `array`, and which of them is which.
Result<void> placeLayers(const ArraySpec& array, LookupPlanes& planes) {
  for (int d = 0; d < static_cast<int>(array.dims.size()); ++d) {
    const Dim& dim = array.dims[static_cast<std::size_t>(d)];
    if (d == array.yDim || d == array.xDim || dim.size == 1) continue;
    if (dim.size != 2 || planes.layerDim >= 0)
      return fail(ErrorCode::GridMismatch, "the lookup table has the dims " + dimList(array) + ": two bands are wanted, samples and lines",
                  "select these with isel before");
    planes.layerDim = d;
    if (dim.coordinate.labels.size() == 2 && saysLine(dim.coordinate.labels[0]) && !saysLine(dim.coordinate.labels[1]))
      std::swap(planes.sampleAt, planes.lineAt);
  }
  return {};
}

}  // namespace

Result<LookupPlanes> lookupPlanes(const std::vector<ArraySpec>& inputs) {
  LookupPlanes planes;
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    const ArraySpec& array = inputs[i];
    if (!array.isSpatial() || !array.geobox)
      return fail(ErrorCode::GridMismatch, "the lookup table has no rows and columns on a grid, its dims are " + dimList(array));
    if (isComplex(array.type)) return fail(ErrorCode::UnsupportedType, "the lookup table has complex values");
    planes.arrays.push_back(array);
    planes.inputs.push_back(static_cast<int>(i));
    CUBELOOM_TRY(placeLayers(array, planes));
  }
  if (planes.arrays.size() == 1 && planes.layerDim < 0)
    return fail(ErrorCode::GridMismatch, "the lookup table has one number per pixel: two are wanted, sample and line",
                "give the lines as a third input");
  if (planes.arrays.size() == 2) {
    if (planes.layerDim >= 0)
      return fail(ErrorCode::GridMismatch, "of a table in two inputs each has one number per pixel, but one has two",
                  "leave the third input out, or select a band of each with isel before");
    if (const std::string what = gridDifference(planes.grid(), *planes.arrays[1].geobox); !what.empty())
      return fail(ErrorCode::GridMismatch, "the lines lie on another grid than the samples: " + what,
                  sameGridRemedy(planes.grid(), *planes.arrays[1].geobox, kOneGrid));
  }
  const double bytes = 2.0 * sizeof(std::int32_t) * static_cast<double>(planes.grid().rows()) * static_cast<double>(planes.grid().cols());
  if (bytes > kMostTableBytes)
    return fail(ErrorCode::OverBudget,
                "the lookup table takes " + formatSize(bytes) + " in memory; " + formatSize(kMostTableBytes) + " are the most",
                "take parts of it with clip or isel before");
  return planes;
}

std::unique_ptr<const FitPass> lookupPass(LookupPlanes planes, UntilTableFound pending, TableFound found) {
  return std::make_unique<LookupPass>(std::move(planes), nullptr, std::move(pending), std::move(found));
}

}  // namespace cubeloom
