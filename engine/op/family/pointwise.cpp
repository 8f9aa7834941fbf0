// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/pointwise.h"

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/aligned_runs.h"
#include "engine/op/family/run_values.h"
#include "engine/op/family/same_entries.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

/// An operand with its place among what is asked for.
struct PlacedOperand {
  int ask = 0;
  std::int64_t position = 0;  ///< along the ask's dim
  std::vector<int> dimOfOut;  ///< input dim of each output dim; -1: broadcast
};

/// What is asked of one input: all dims, or some entries along one.
struct Ask {
  int input = 0;
  int dim = -1;
  std::vector<std::int64_t> indices;
};

struct BoundFacts {
  Pointwise pointwise;
  std::vector<ArraySpec> inputs;
  std::vector<Ask> asks;
  std::vector<PlacedOperand> operands;
};

template <class T>
class PointwiseTask : public Task {
 public:
  PointwiseTask(const BoundFacts& facts, const Region& region) : m_facts(facts) {
    for (const Ask& ask : facts.asks) {
      Need need;
      need.input = ask.input;
      need.region.resize(facts.inputs[static_cast<std::size_t>(ask.input)].dims.size());
      if (ask.dim >= 0) need.region[static_cast<std::size_t>(ask.dim)] = IndexSet::list(ask.indices);
      m_needs.push_back(std::move(need));
    }
    for (const PlacedOperand& operand : facts.operands)
      for (std::size_t i = 0; i < region.size(); ++i)
        if (const int d = operand.dimOfOut[i]; d >= 0)
          m_needs[static_cast<std::size_t>(operand.ask)].region[static_cast<std::size_t>(d)] = region[i];
    for (const NumbersAlong& along : facts.pointwise.along) {
      const IndexSet& indices = region[static_cast<std::size_t>(along.dim)];
      std::vector<double>& numbers = m_along.emplace_back();
      for (std::int64_t i = 0; i < indices.count(); ++i) numbers.push_back(along.values[static_cast<std::size_t>(indices.at(i))]);
    }
  }
  const std::vector<Need>& needs() const override { return m_needs; }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    std::vector<BlockView> views{out};
    std::vector<RunLoader<T>> loaders;
    for (const PlacedOperand& operand : m_facts.operands) {
      const Ask& ask = m_facts.asks[static_cast<std::size_t>(operand.ask)];
      const ArraySpec& input = m_facts.inputs[static_cast<std::size_t>(ask.input)];
      views.push_back(along(out, inputs[static_cast<std::size_t>(operand.ask)], ask, operand));
      loaders.emplace_back(input.type, input.nodata);
    }
    for (std::size_t k = 0; k < m_along.size(); ++k) {
      BlockView view{reinterpret_cast<std::byte*>(m_along[k].data()), PixelType::Float64, out.shape, {}};
      view.strides.assign(out.shape.size(), 0);
      view.strides[static_cast<std::size_t>(m_facts.pointwise.along[k].dim)] = sizeof(double);
      views.push_back(std::move(view));
      loaders.emplace_back(PixelType::Float64, std::nullopt);
    }
    const RunStorer<T> storer(out.type, m_facts.pointwise.spec.nodata);
    // Of many operands fewer pixels, so that all stay in a core's second-level cache.
    const std::int64_t span = std::clamp<std::int64_t>(65536 / static_cast<std::int64_t>(loaders.size()), 64, kSpan);
    const auto pixels = static_cast<std::size_t>(span);
    std::vector<std::vector<T>> values(loaders.size(), std::vector<T>(pixels));
    std::vector<std::uint8_t> valid(pixels);
    std::vector<T> results(pixels);
    PointRun<T> run;
    run.valid = valid.data();
    run.out = results.data();
    for (const auto& v : values) run.inputs.push_back(v.data());
    AlignedRuns(views).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
      for (std::int64_t first = 0; first < n; first += span) {
        run.count = static_cast<std::size_t>(std::min(span, n - first));
        std::fill_n(run.valid, run.count, std::uint8_t{1});
        for (std::size_t k = 0; k < loaders.size(); ++k) {
          const std::byte* from = pointers[k + 1] + first * steps[k + 1];
          if (std::is_floating_point_v<T> && m_facts.pointwise.seesNodata) {
            loaders[k].loadNan(from, steps[k + 1], run.count, values[k].data());
          } else {
            loaders[k].load(from, steps[k + 1], run.count, values[k].data(), run.valid);
          }
        }
        (*m_facts.pointwise.kernel)(run);
        storer.store(run.out, run.valid, run.count, pointers[0] + first * steps[0], steps[0]);
      }
    });
    return {};
  }

 private:
  static constexpr std::int64_t kSpan = 2048;

  /// The operand's elements in the shape of `out`.
  static BlockView along(const BlockView& out, const BlockView& input, const Ask& ask, const PlacedOperand& operand) {
    BlockView view{input.data, input.type, out.shape, {}};
    if (ask.dim >= 0) view.data += operand.position * input.strides[static_cast<std::size_t>(ask.dim)];
    for (const int d : operand.dimOfOut) view.strides.push_back(d < 0 ? 0 : input.strides[static_cast<std::size_t>(d)]);
    return view;
  }

  const BoundFacts& m_facts;
  std::vector<Need> m_needs;
  std::vector<std::vector<double>> m_along;  ///< of the region's entries
};

class BoundPointwise : public KernelOperation {
 public:
  explicit BoundPointwise(BoundFacts facts) : m_facts(std::move(facts)) {
    m_spec = m_facts.pointwise.spec;
    m_summary = m_facts.pointwise.summary;
    m_warnings = m_facts.pointwise.warnings;
    m_type = typeOf(m_facts.asks.front());
    for (const Ask& ask : m_facts.asks) {
      m_isExact = m_isExact && typeOf(ask) == m_type;
      if (needsDouble(typeOf(ask))) m_type = typeOf(ask);
    }
    m_isExact = m_isExact && m_facts.pointwise.kernel->isExact();
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    return dispatchRunType(m_type, m_spec.type, m_isExact, [&](auto sample) -> Result<std::unique_ptr<Task>> {
      return std::make_unique<PointwiseTask<decltype(sample)>>(m_facts, region);
    });
  }

 private:
  PixelType typeOf(const Ask& ask) const { return m_facts.inputs[static_cast<std::size_t>(ask.input)].type; }

  BoundFacts m_facts;
  PixelType m_type = PixelType::Float32;  ///< of the inputs, the widest
  bool m_isExact = true;
};

/// Where each dim of `out` lies in the operand's input; -1: it has none of that name.
Result<std::vector<int>> placesOf(const ArraySpec& out, const ArraySpec& input, int pickedDim, const std::string& name) {
  const SideBySide arrays{out, "the result", input, "input '" + name + "'"};
  std::vector<int> places;
  std::size_t used = pickedDim >= 0 ? 1 : 0;
  for (std::size_t o = 0; o < out.dims.size(); ++o) {
    const int d = input.indexOf(out.dims[o].name);
    places.push_back(d == pickedDim ? -1 : d);
    if (places.back() < 0) continue;
    ++used;
    const bool isOnGrid = out.geobox && (static_cast<int>(o) == out.yDim || static_cast<int>(o) == out.xDim);
    CUBELOOM_TRY(checkSameEntries(arrays, static_cast<int>(o), d, isOnGrid));
  }
  if (used != input.dims.size())
    return fail(ErrorCode::GridMismatch, "input '" + name + "' has further dims: " + dimList(input) + "; the result has " + dimList(out),
                "select one position of them with isel, or name the array with the most dims first");
  CUBELOOM_TRY(checkSameGrid(arrays));
  return places;
}

/// Adds the operand to what is asked of its input.
int askFor(std::vector<Ask>& asks, const Operand& operand) {
  const auto same = [&operand](const Ask& ask) { return ask.input == operand.input && ask.dim == operand.dim; };
  auto ask = std::find_if(asks.begin(), asks.end(), same);
  if (ask == asks.end()) ask = asks.insert(asks.end(), {operand.input, operand.dim, {}});
  if (operand.dim >= 0) ask->indices.push_back(operand.index);
  return static_cast<int>(ask - asks.begin());
}

}  // namespace

Result<std::vector<Operand>> entriesAlong(const std::vector<ArraySpec>& inputs, int dim) {
  const Dim& first = inputs[0].dims[static_cast<std::size_t>(dim)];
  std::vector<Operand> operands;
  for (std::size_t k = 0; k < inputs.size(); ++k) {
    const std::string name = "input " + std::to_string(k + 1);
    const int d = k == 0 ? dim : inputs[k].indexOf(first.name);
    if (d < 0)
      return fail(ErrorCode::GridMismatch, name + " has no '" + first.name + "', its dims are " + dimList(inputs[k]),
                  "name its dim so with rename");
    CUBELOOM_TRY(checkSameEntries({inputs[0], "input 1", inputs[k], name}, dim, d, false));
    for (std::int64_t i = 0; i < first.size; ++i) operands.push_back({static_cast<int>(k), d, i});
  }
  return operands;
}

Result<std::shared_ptr<const BoundOperation>> bindPointwise(const Declaration& declaration, const std::vector<ArraySpec>& inputs,
                                                            Pointwise pointwise) {
  BoundFacts facts;
  for (std::size_t k = 0; k < inputs.size(); ++k)
    if (isComplex(inputs[k].type))
      return fail(ErrorCode::UnsupportedType, "input '" + declaration.inputName(static_cast<int>(k)) + "' has complex values, '" +
                                                  declaration.id + "' takes real ones");
  for (const Operand& operand : pointwise.operands) {
    auto places =
        placesOf(pointwise.spec, inputs[static_cast<std::size_t>(operand.input)], operand.dim, declaration.inputName(operand.input));
    if (!places) return fail(places.error());
    facts.operands.push_back({askFor(facts.asks, operand), 0, std::move(*places)});
  }
  for (Ask& ask : facts.asks) {
    std::sort(ask.indices.begin(), ask.indices.end());
    ask.indices.erase(std::unique(ask.indices.begin(), ask.indices.end()), ask.indices.end());
  }
  for (std::size_t k = 0; k < facts.operands.size(); ++k) {
    const std::vector<std::int64_t>& indices = facts.asks[static_cast<std::size_t>(facts.operands[k].ask)].indices;
    facts.operands[k].position = std::lower_bound(indices.begin(), indices.end(), pointwise.operands[k].index) - indices.begin();
  }
  facts.pointwise = std::move(pointwise);
  for (const ArraySpec& input : inputs) facts.pointwise.spec.keepCommonCoordinates(input);
  facts.inputs = inputs;
  return std::make_shared<BoundPointwise>(std::move(facts));
}

std::unique_ptr<Operation> pointwise(Declaration declaration, DescribePointwise describe) {
  class PointwiseOperation : public Operation {
   public:
    PointwiseOperation(Declaration d, DescribePointwise f) : m_describe(std::move(f)) { m_declaration = std::move(d); }
    Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                       const BindContext& /*context*/) const override {
      auto made = m_describe(params, inputs);
      if (!made) return fail(made.error());
      return bindPointwise(m_declaration, inputs, std::move(*made));
    }

   private:
    DescribePointwise m_describe;
  };
  return std::make_unique<PointwiseOperation>(std::move(declaration), std::move(describe));
}

}  // namespace cubeloom
