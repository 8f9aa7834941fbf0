// SPDX-License-Identifier: GPL-3.0-or-later
// calc: band math over one or more arrays on the same grid.
#include <cmath>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/op/expression/expression.h"
#include "engine/op/operation.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Band math";
  d.summary = "Computes an expression over bands, wavelengths or whole arrays.";
  d.help =
      "b7 is band 7 (1-based), nm(865) the band nearest to 865 nm (bands marked bad are passed over), x the array itself, element by "
      "element; a "
      "second input's are in2.b7 and so on. An expression over bands drops the band dim; one over x keeps all dims. Where an operand is "
      "nodata the "
      "result is nodata, and so it is where the result is no number. Values are float32 for types of up to 16 bits and float32 itself, "
      "else "
      "float64.";
  d.references = {
      "Tucker, C. J. (1979): Red and photographic infrared linear combinations for monitoring vegetation. "
      "doi:10.1016/0034-4257(79)90013-0"};
  d.example = "calc expression='(nm(865) - nm(650)) / (nm(865) + nm(650))'";
  d.python = "{expression}";
  d.noGdal = "gdal_calc.py has no bands by wavelength and computes with nodata";
  d.keywords = {"band math", "ndvi", "index", "expression", "formula", "ratio"};
  d.maxInputs = 8;
  Param expression{.name = "expression", .type = ParamType::Expression, .help = "For example (nm(865) - nm(650)) / (nm(865) + nm(650))."};
  expression.required = true;
  d.params = {expression};
  return d;
}

/// A variable tied to its input: which band, and how the output's dims lie along the input's.
struct Operand {
  int input = 0;
  std::int64_t band = -1;  ///< index along bandDim; -1: no band is picked
  int bandDim = -1;
  std::vector<int> dimOfOut;  ///< input dim of each output dim
  std::optional<double> nodata;
};

template <class T>
bool isMissing(T value, std::optional<double> nodata) {
  if (value != value) return true;
  return nodata && value == static_cast<T>(*nodata);
}

template <class T>
class CalcTask : public Task {
 public:
  CalcTask(std::shared_ptr<const Expression> expression, const std::vector<Operand>& operands, const std::vector<ArraySpec>& inputs,
           const Region& region, double nodata)
      : m_expression(std::move(expression)), m_operands(operands), m_nodata(nodata) {
    for (const Operand& operand : operands) {
      Need need;
      need.input = operand.input;
      need.region.resize(inputs[static_cast<std::size_t>(operand.input)].dims.size());
      for (std::size_t i = 0; i < region.size(); ++i) need.region[static_cast<std::size_t>(operand.dimOfOut[i])] = region[i];
      if (operand.bandDim >= 0) need.region[static_cast<std::size_t>(operand.bandDim)] = IndexSet::single(operand.band);
      m_needs.push_back(std::move(need));
    }
  }
  const std::vector<Need>& needs() const override { return m_needs; }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    std::vector<std::vector<BlockView>> runs;
    for (std::size_t k = 0; k < inputs.size(); ++k) runs.push_back(runsOf(inOutputOrder(inputs[k], m_operands[k])));
    std::size_t r = 0;
    forEachRun(out, [&](std::byte* p, std::int64_t n, std::int64_t step) {
      for (std::int64_t first = 0; first < n; first += kSpan)
        computeSpan(runs, r, first, std::min<std::int64_t>(kSpan, n - first), p + first * step, step);
      ++r;
    });
    return {};
  }

 private:
  static constexpr std::int64_t kSpan = 4096;

  static BlockView inOutputOrder(const BlockView& view, const Operand& operand) { return view.permuted(operand.dimOfOut); }

  static std::vector<BlockView> runsOf(const BlockView& view) {
    std::vector<BlockView> runs;
    forEachRun(view, [&](std::byte* p, std::int64_t n, std::int64_t step) { runs.push_back({p, view.type, {n}, {step}}); });
    return runs;
  }

  void computeSpan(const std::vector<std::vector<BlockView>>& runs, std::size_t r, std::int64_t first, std::int64_t count, std::byte* out,
                   std::int64_t step) {
    const auto n = static_cast<std::size_t>(count);
    m_values.resize(runs.size());
    m_pointers.resize(runs.size());
    m_missing.assign(n, 0);
    m_results.resize(n);
    for (std::size_t k = 0; k < runs.size(); ++k) {
      m_values[k].resize(n);
      loadValues(runs[k][r].sub({first}, {count}), m_operands[k].nodata, m_values[k]);
      m_pointers[k] = m_values[k].data();
    }
    m_expression->evaluate(m_pointers, m_results.data(), n, m_scratch);
    const T nodata = static_cast<T>(m_nodata);
    for (std::size_t i = 0; i < n; ++i) {
      const T value = m_missing[i] || m_results[i] != m_results[i] ? nodata : m_results[i];
      *reinterpret_cast<T*>(out + static_cast<std::int64_t>(i) * step) = value;
    }
  }

  /// Values as T; remembers where they are nodata (compared in the input's own type).
  void loadValues(const BlockView& run, std::optional<double> nodata, std::vector<T>& values) {
    dispatchRealType(run.type, [&](auto sample) {
      using From = decltype(sample);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const From value = *reinterpret_cast<const From*>(run.data + static_cast<std::int64_t>(i) * run.strides[0]);
        m_missing[i] |= static_cast<std::uint8_t>(isMissing(value, nodata));
        values[i] = static_cast<T>(value);
      }
    });
  }

  std::shared_ptr<const Expression> m_expression;
  const std::vector<Operand>& m_operands;
  double m_nodata;
  std::vector<Need> m_needs;
  std::vector<std::vector<T>> m_values;
  std::vector<const T*> m_pointers;
  std::vector<T> m_results, m_scratch;
  std::vector<std::uint8_t> m_missing;
};

class BoundCalc : public BoundOperation {
 public:
  BoundCalc(Expression expression, std::vector<Operand> operands, std::vector<ArraySpec> inputs, ArraySpec spec, std::string summary,
            std::vector<std::string> warnings)
      : m_expression(std::make_shared<Expression>(std::move(expression))), m_operands(std::move(operands)), m_inputs(std::move(inputs)) {
    m_spec = std::move(spec);
    m_summary = std::move(summary);
    m_warnings = std::move(warnings);
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    if (m_spec.type == PixelType::Float32)
      return std::make_unique<CalcTask<float>>(m_expression, m_operands, m_inputs, region, *m_spec.nodata);
    return std::make_unique<CalcTask<double>>(m_expression, m_operands, m_inputs, region, *m_spec.nodata);
  }

 private:
  std::shared_ptr<const Expression> m_expression;
  std::vector<Operand> m_operands;
  std::vector<ArraySpec> m_inputs;
};

/// The band index a variable means; -1 for a whole array.
Result<std::int64_t> bandOf(const ExpressionVariable& variable, const ArraySpec& input) {
  const int d = input.spectralDim();
  if (d < 0)
    return invalidParameter("expression", "the input has no wavelength or band dim to take bands from",
                            "its dims are " + dimList(input) + "; use x for the array itself");
  const Dim& dim = input.dims[static_cast<std::size_t>(d)];
  if (variable.kind == ExpressionVariable::Kind::Band) {
    if (variable.band < 1 || variable.band > dim.size)
      return invalidParameter("expression", "b" + std::to_string(variable.band) + " is outside b1..b" + std::to_string(dim.size),
                              "bands count from 1");
    return variable.band - 1;
  }
  if (dim.name != "wavelength" && dim.coordinate.unit != "nm")
    return invalidParameter("expression", "nm(" + formatNumber(variable.nm) + "): the input has no wavelengths",
                            "use b1 to b" + std::to_string(dim.size));
  const auto good = dim.coordinate.aux.find("good");
  std::int64_t best = -1;
  double distance = INFINITY;
  for (std::int64_t i = 0; i < dim.size; ++i) {
    if (good != dim.coordinate.aux.end() && good->second[static_cast<std::size_t>(i)] == 0) continue;
    if (const double off = std::abs(dim.coordinate.at(i) - variable.nm); off < distance) {
      distance = off;
      best = i;
    }
  }
  if (best < 0) return invalidParameter("expression", "nm(" + formatNumber(variable.nm) + "): every band is marked bad");
  return best;
}

/// Same names, sizes and grid, in any order: where each output dim lies in `input`.
Result<std::vector<int>> alignDims(const ArraySpec& out, const ArraySpec& input, int number) {
  std::vector<int> places;
  const std::string which = "input " + std::to_string(number + 1);
  for (const Dim& dim : out.dims) {
    const int d = input.indexOf(dim.name);
    if (d < 0) return fail(ErrorCode::GridMismatch, which + " has no dim '" + dim.name + "'", "its dims are " + dimList(input));
    if (input.dims[static_cast<std::size_t>(d)].size != dim.size)
      return fail(ErrorCode::GridMismatch,
                  which + " has " + formatCount(input.dims[static_cast<std::size_t>(d)].size) + " entries along '" + dim.name +
                      "', the first has " + formatCount(dim.size),
                  "bring them onto one grid with reproject like=...");
    places.push_back(d);
  }
  if (out.geobox && input.geobox && !(*out.geobox == *input.geobox))
    return fail(ErrorCode::GridMismatch, which + " lies on another grid than the first",
                "bring it onto the first one's with reproject like=...");
  return places;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  for (const ArraySpec& input : inputs)
    if (isComplex(input.type)) return fail(ErrorCode::UnsupportedType, "complex values cannot be used in an expression");
  auto expression = Expression::parse(params.text("expression"));
  if (!expression) return fail(expression.error());
  const auto& variables = expression->variables();
  if (variables.empty())
    return invalidParameter("expression", "the expression uses no band and no x", "b1 is the first band, x the array itself");
  bool overBands = false, overWhole = false;
  for (const ExpressionVariable& variable : variables) {
    if (variable.input >= static_cast<int>(inputs.size()))
      return invalidParameter("expression", "in" + std::to_string(variable.input + 1) + " is not connected",
                              "the node has " + std::to_string(inputs.size()) + " input(s)");
    (variable.kind == ExpressionVariable::Kind::Whole ? overWhole : overBands) = true;
  }
  // Bands and whole arrays meet when the whole ones have no band dim themselves.
  ArraySpec spec = inputs[static_cast<std::size_t>(variables[0].input)];
  for (const ExpressionVariable& variable : variables)
    if (variable.kind == ExpressionVariable::Kind::Whole) {
      spec = inputs[static_cast<std::size_t>(variable.input)];
      break;
    }
  if (!overWhole)
    if (const int d = spec.spectralDim(); d >= 0) spec = spec.withoutDim(d);
  std::vector<Operand> operands;
  bool isWide = false, isScaled = false;
  for (const ExpressionVariable& variable : variables) {
    const ArraySpec& input = inputs[static_cast<std::size_t>(variable.input)];
    isScaled = isScaled || input.storedScale || input.scaledDim() >= 0;
    Operand operand;
    operand.input = variable.input;
    operand.nodata = input.nodata;
    ArraySpec rest = input;
    if (variable.kind != ExpressionVariable::Kind::Whole) {
      auto band = bandOf(variable, input);
      if (!band) return fail(band.error());
      operand.band = *band;
      operand.bandDim = input.spectralDim();
    }
    if (overWhole && overBands && operand.bandDim >= 0 && spec.indexOf(input.dims[static_cast<std::size_t>(operand.bandDim)].name) >= 0)
      return invalidParameter("expression", "bands and x of an array with bands cannot be mixed", "use bands only, or x only");
    auto places = alignDims(spec, input, variable.input);
    if (!places) return fail(places.error());
    if (places->size() + (operand.bandDim >= 0 ? 1 : 0) != input.dims.size())
      return fail(ErrorCode::GridMismatch, "input " + std::to_string(variable.input + 1) + " has further dims: " + dimList(input),
                  "select one position of them with isel");
    operand.dimOfOut = *places;
    operands.push_back(std::move(operand));
    isWide = isWide || !(input.type == PixelType::Float32 || (isInteger(input.type) && pixelTypeBytes(input.type) <= 2));
  }
  spec.type = isWide ? PixelType::Float64 : PixelType::Float32;
  if (!spec.nodata || !canHold(spec.type, *spec.nodata)) spec.nodata = NAN;
  spec.forgetStoredMeaning();
  spec.unit.clear();
  spec.variable = "result";
  std::vector<std::string> warnings;
  if (isScaled) warnings.emplace_back(kComputedFromStored);
  std::string summary = params.text("expression");
  if (summary.size() > 48) summary = summary.substr(0, 45) + "...";
  return std::make_shared<BoundCalc>(std::move(*expression), std::move(operands), inputs, std::move(spec), std::move(summary),
                                     std::move(warnings));
}

}  // namespace

CUBELOOM_OPERATION(calc) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
