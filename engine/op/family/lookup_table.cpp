// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/lookup_table.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/geo/same_grid.h"
#include "engine/op/family/run_values.h"
#include "engine/op/family/same_entries.h"
#include "engine/op/reduce/accumulator.h"
#include "engine/op/reduce/part_cut.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

constexpr double kMostTableBytes = 1024.0 * 1024 * 1024;

/// Numbers of the planes of one array, gathered row by row.
class LookupRows : public Accumulator {
 public:
  LookupRows(const ArraySpec& array, int layerDim, std::vector<std::int64_t> layers)
      : m_loader(array.type, array.nodata),
        m_pixels(static_cast<std::size_t>(array.geobox->rows() * array.geobox->cols())),
        m_layerDim(layerDim),
        m_yDim(array.yDim),
        m_xDim(array.xDim),
        m_rows(IndexSet::all(array.geobox->rows())),
        m_cols(IndexSet::all(array.geobox->cols())),
        m_layers(std::move(layers)),
        m_numbers(m_layers.size()) {}

  Result<void> addAt(const Region& piece, const BlockView& input, const std::vector<BlockView>& /*beside*/) override {
    const IndexSet &rows = piece[static_cast<std::size_t>(m_yDim)], &cols = piece[static_cast<std::size_t>(m_xDim)];
    if (rows.step() > 1 || cols.step() > 1) {
      m_rows = rows;
      m_cols = cols;
    }
    return add(input);
  }
  Result<void> add(const BlockView& input) override {
    std::vector<int> order;
    for (int d = 0; d < static_cast<int>(input.shape.size()); ++d)
      if (d != m_layerDim && d != m_yDim && d != m_xDim) order.push_back(d);
    const std::size_t ones = order.size();
    if (m_layerDim >= 0) order.push_back(m_layerDim);
    order.push_back(m_yDim);
    order.push_back(m_xDim);
    BlockView planes = input.permuted(order);
    for (std::size_t i = 0; i < ones; ++i) planes = planes.at(0, 0);
    for (std::size_t k = 0; k < m_layers.size(); ++k) addPlane(m_layerDim >= 0 ? planes.at(0, m_layers[k]) : planes, m_numbers[k]);
    return {};
  }
  void merge(const Accumulator& later) override {
    const auto& other = static_cast<const LookupRows&>(later);
    for (std::size_t k = 0; k < m_numbers.size(); ++k) {
      m_numbers[k].reserve(m_pixels);
      m_numbers[k].insert(m_numbers[k].end(), other.m_numbers[k].begin(), other.m_numbers[k].end());
    }
  }
  void carry(StateCarrier& state) override {
    for (auto& numbers : m_numbers) state.any(numbers);
  }
  std::size_t bytes() const override { return bytesOf(m_layers.size(), m_pixels); }
  static std::size_t bytesOf(std::size_t layers, std::size_t pixels) { return layers * pixels * sizeof(std::int32_t); }
  const std::vector<std::int32_t>& numbers(std::size_t layer) const { return m_numbers[layer]; }
  const IndexSet& rows() const { return m_rows; }
  const IndexSet& cols() const { return m_cols; }

 private:
  void addPlane(const BlockView& plane, std::vector<std::int32_t>& numbers) {
    numbers.reserve(numbers.size() + static_cast<std::size_t>(plane.count()));
    std::vector<double> row(static_cast<std::size_t>(plane.shape[1]));
    forEachRun(plane, [&](const std::byte* p, std::int64_t n, std::int64_t step) {
      m_loader.loadNan(p, step, static_cast<std::size_t>(n), row.data());
      // What no array has as many entries for is no place in one.
      for (const double value : row)
        numbers.push_back(std::isnan(value) || std::abs(value) > 2e9 ? 0 : static_cast<std::int32_t>(std::lround(value)));
    });
  }

  RunLoader<double> m_loader;
  std::size_t m_pixels;
  int m_layerDim, m_yDim, m_xDim;
  IndexSet m_rows, m_cols;  ///< all, or those of a sample
  std::vector<std::int64_t> m_layers;
  std::vector<std::vector<std::int32_t>> m_numbers;  ///< of each layer
};

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
  std::unique_ptr<Accumulator> accumulator() const override { return std::make_unique<LookupRows>(m_array, m_planes.layerDim, layers()); }
  double accumulatorBytes() const override { return static_cast<double>(LookupRows::bytesOf(layers().size(), pixels())); }
  double fittedBytes() const override { return static_cast<double>(LookupRows::bytesOf(2, pixels())); }
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
    table->rows = rows.rows();
    table->cols = rows.cols();
    return m_found(std::move(table));
  }

 private:
  std::vector<std::int64_t> layers() const {
    return m_planes.layerDim < 0 ? std::vector<std::int64_t>{0} : std::vector{m_planes.sampleAt, m_planes.lineAt};
  }
  std::size_t pixels() const { return static_cast<std::size_t>(m_planes.grid().rows() * m_planes.grid().cols()); }

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
