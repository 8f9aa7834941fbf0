// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/weighted_reduction.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "engine/op/family/run_values.h"
#include "engine/op/family/same_entries.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

class WeightedOperation;

/// The moments of the sets of one region. Values come in the row-major order of the input's dims, so the sums have the same bits in
/// whatever pieces they come.
class WeightedPartial : public Partial {
 public:
  WeightedPartial(const std::vector<ArraySpec>& inputs, const WeightedReduction& facts, std::size_t sets)
      : m_inputs(inputs), m_facts(facts), m_moments(sets) {}

  Result<void> add(const BlockView& /*input*/) override { return fail(ErrorCode::Internal, "values without their weights"); }
  Result<void> addAt(const Region& piece, const BlockView& input, const std::vector<BlockView>& beside) override {
    const std::size_t last = input.shape.size() - 1;
    std::vector<std::int64_t> setStep(input.shape.size(), 0), weightStep(input.shape.size(), 0), index(input.shape.size(), 0);
    std::int64_t sets = 1;
    for (std::size_t d = input.shape.size(); d-- > 0;) {
      if (m_facts.dims.isReduced(d)) continue;
      setStep[d] = sets;
      sets *= input.shape[d];
    }
    std::vector<double> along;
    const std::byte* weights = nullptr;
    PixelType weightType = PixelType::Float64;
    std::optional<double> weightNodata;
    if (m_facts.weights.dim >= 0) {
      const auto d = static_cast<std::size_t>(m_facts.weights.dim);
      for (std::int64_t i = 0; i < piece[d].count(); ++i) along.push_back(m_facts.weights.along[static_cast<std::size_t>(piece[d].at(i))]);
      weights = reinterpret_cast<const std::byte*>(along.data());
      weightStep[d] = sizeof(double);
    } else {
      weights = beside[0].data;
      weightType = m_inputs[1].type;
      weightNodata = m_inputs[1].nodata;
      for (std::size_t w = 0; w < beside[0].shape.size(); ++w)
        if (const int d = m_facts.weights.dimOfInput[w]; d >= 0) weightStep[static_cast<std::size_t>(d)] = beside[0].strides[w];
    }
    const RunLoader<double> values(m_inputs[0].type, m_inputs[0].nodata), loadWeights(weightType, weightNodata);
    const auto n = static_cast<std::size_t>(input.shape[last]);
    std::vector<double> x(n), w(n);
    for (std::int64_t runs = input.count() / std::max<std::int64_t>(input.shape[last], 1); runs > 0; --runs) {
      std::int64_t at = 0, weightAt = 0, set = 0;
      for (std::size_t d = 0; d < last; ++d) {
        at += index[d] * input.strides[d];
        weightAt += index[d] * weightStep[d];
        set += index[d] * setStep[d];
      }
      values.loadNan(input.data + at, input.strides[last], n, x.data());
      loadWeights.loadNan(weights + weightAt, weightStep[last], n, w.data());
      for (std::size_t i = 0; i < n; ++i)
        if (x[i] == x[i] && w[i] == w[i])
          m_moments[static_cast<std::size_t>(set + static_cast<std::int64_t>(i) * setStep[last])].add(x[i], w[i]);
      for (std::size_t d = last; d-- > 0;) {
        if (++index[d] < input.shape[d]) break;
        index[d] = 0;
      }
    }
    return {};
  }
  void merge(const Accumulator& later) override {
    const auto& other = static_cast<const WeightedPartial&>(later);
    for (std::size_t i = 0; i < m_moments.size(); ++i) m_moments[i].merge(other.m_moments[i]);
  }
  void carry(StateCarrier& state) override { state.all(m_moments); }
  std::size_t bytes() const override { return m_moments.size() * sizeof(WeightedMoment); }
  Result<void> finish(const BlockView& out) const override {
    fillReduced(out, -1,
                [this](std::size_t set, std::int64_t) { return m_moments[set].count > 0 ? m_facts.value(m_moments[set]) : m_facts.empty; });
    return {};
  }

 private:
  const std::vector<ArraySpec>& m_inputs;
  const WeightedReduction& m_facts;
  std::vector<WeightedMoment> m_moments;
};

class WeightedOperation : public ReductionOperation {
 public:
  WeightedOperation(const std::vector<ArraySpec>& inputs, WeightedReduction facts)
      : ReductionOperation(inputs[0], facts.dims, -1, sizeof(WeightedMoment)), m_inputs(inputs), m_facts(std::move(facts)) {
    m_spec = m_facts.spec;
    m_summary = m_facts.summary;
    m_warnings = m_facts.warnings;
  }
  std::vector<Need> beside(const Region& piece) const override {
    if (m_facts.weights.dim >= 0) return {};
    Need need;
    need.input = 1;
    for (const int d : m_facts.weights.dimOfInput) need.region.push_back(d < 0 ? IndexSet::single(0) : piece[static_cast<std::size_t>(d)]);
    return {std::move(need)};
  }
  std::unique_ptr<Partial> partial(const Region& region) const override {
    return std::make_unique<WeightedPartial>(m_inputs, m_facts, static_cast<std::size_t>(regionCount(region)));
  }

 private:
  std::vector<ArraySpec> m_inputs;
  WeightedReduction m_facts;
};

bool isInDegrees(const Dim& dim) { return dim.coordinate.unit == "degree" || dim.coordinate.unit.starts_with("degrees"); }

/// The dim of latitudes; -1: there is none.
int latitudeDim(const ArraySpec& input) {
  if (input.geobox) return input.geobox->crs().isGeographic() && input.geobox->isAxisAligned() ? input.yDim : -1;
  for (std::size_t d = 0; d < input.dims.size(); ++d) {
    const Dim& dim = input.dims[d];
    const bool isCalled = dim.name == "lat" || dim.name == "latitude" || dim.coordinate.unit == "degrees_north";
    if (isCalled && dim.coordinate.kind != Coordinate::Kind::None && (isInDegrees(dim) || dim.coordinate.unit.empty()))
      return static_cast<int>(d);
  }
  return -1;
}

}  // namespace

void WeightedMoment::add(double value, double weight) {
  count += 1;
  if (weight == 0) return;
  weights += weight;
  sum += weight * value;
  const double off = value - mean;
  mean += off * weight / weights;
  squares += weight * off * (value - mean);
}

void WeightedMoment::merge(const WeightedMoment& later) {
  count += later.count;
  if (later.weights == 0) return;
  const double all = weights + later.weights, off = later.mean - mean;
  sum += later.sum;
  squares += later.squares + off * off * weights * later.weights / all;
  mean += off * later.weights / all;
  weights = all;
}

Result<Weights> cosineOfLatitude(const ArraySpec& input) {
  Weights weights;
  weights.dim = latitudeDim(input);
  if (weights.dim < 0)
    return invalidParameter("weights", "the array has no latitudes in degrees, its dims are " + dimList(input),
                            "pixels of a projected grid count alike: leave weights out, or connect an array of weights");
  const Dim& dim = input.dims[static_cast<std::size_t>(weights.dim)];
  for (std::int64_t i = 0; i < dim.size; ++i) weights.along.push_back(std::cos(dim.coordinate.at(i) * std::numbers::pi / 180));
  return weights;
}

Result<Weights> weightsOf(const ArraySpec& input, const ArraySpec& weights) {
  if (isComplex(weights.type)) return fail(ErrorCode::UnsupportedType, "the weights are complex, real ones are needed");
  const SideBySide arrays{input, "the array of values", weights, "the array of weights"};
  Weights found;
  for (std::size_t w = 0; w < weights.dims.size(); ++w) {
    const Dim& dim = weights.dims[w];
    const int d = input.indexOf(dim.name);
    const bool isAlong = d >= 0 && (dim.size > 1 || input.dims[static_cast<std::size_t>(d)].size == 1);
    found.dimOfInput.push_back(isAlong ? d : -1);
    if (!isAlong && dim.size == 1) continue;
    if (!isAlong)
      return fail(ErrorCode::GridMismatch,
                  "the weights have a dim '" + dim.name + "' of " + formatCount(dim.size) + " entries, the values have " + dimList(input),
                  "select one entry of it with isel before");
    const bool isOnGrid = input.geobox && weights.geobox && (d == input.yDim || d == input.xDim);
    CUBELOOM_TRY(checkSameEntries(arrays, d, static_cast<int>(w), isOnGrid));
  }
  CUBELOOM_TRY(checkSameGrid(arrays));
  return found;
}

std::shared_ptr<const BoundOperation> boundWeighted(const std::vector<ArraySpec>& inputs, WeightedReduction reduction) {
  return std::make_shared<WeightedOperation>(inputs, std::move(reduction));
}

}  // namespace cubeloom
