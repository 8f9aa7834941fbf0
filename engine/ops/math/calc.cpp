// SPDX-License-Identifier: GPL-3.0-or-later
// calc: band math over one or more arrays on the same grid.
#include <algorithm>
#include <cmath>

#include "engine/array/resampled_meaning.h"
#include "engine/array/stated_scale.h"
#include "engine/base/text.h"
#include "engine/op/expression/expression.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/pointwise.h"
#include "engine/op/family/run_values.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Band math";
  d.summary = "Computes an expression over bands, wavelengths or whole arrays.";
  d.help =
      "b7 is band 7 (1-based), nm(865) the band nearest to 865 nm (bands marked bad are passed over; one farther away than the next band "
      "is an error), x the array itself, element by "
      "element; a "
      "second input's are in2.b7 and so on. An expression over bands drops the band dim; one over x keeps all dims. Where an operand is "
      "nodata the result is nodata (NaN), comparisons too, and so it is where the result is no number. A choice takes the chosen value "
      "alone: where(isnodata(b1), b2, b1) fills the gaps of b1, as fill(b1, b2) does. Values are float32 for types of up to 16 bits and "
      "float32 itself, else float64.";
  d.references = {
      "Tucker, C. J. (1979): Red and photographic infrared linear combinations for monitoring vegetation. "
      "doi:10.1016/0034-4257(79)90013-0"};
  d.example = "calc expression='(nm(865) - nm(650)) / (nm(865) + nm(650))'";
  d.python = "{expression}";
  d.noGdal = "gdal_calc.py has no bands by wavelength and computes with nodata";
  d.keywords = {"band math", "ndvi", "index", "expression", "formula", "ratio"};
  d.inputs = {{.name = "array", .help = "The first is in1, further ones in2, in3 and so on; all on one grid.", .many = true}};
  Param expression{.name = "expression", .type = ParamType::Expression, .help = "For example (nm(865) - nm(650)) / (nm(865) + nm(650))."};
  expression.required = true;
  d.params = {expression};
  return d;
}

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
  const bool isNamed = dim.name == "wavelength" && dim.coordinate.kind == Coordinate::Kind::Values && dim.coordinate.unit.empty();
  if (dim.coordinate.unit != "nm" && !isNamed)
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
  if (distance > axisStep(dim, best))
    return invalidParameter("expression",
                            "nm(" + formatNumber(variable.nm) + "): the nearest band is at " + formatNumber(dim.coordinate.at(best)) +
                                " nm, " + formatNumber(distance) + " nm away",
                            "the bands reach from " + formatNumber(dim.coordinate.at(0)) + " to " +
                                formatNumber(dim.coordinate.at(dim.size - 1)) + " nm; take another one, or another variable of the file");
  return best;
}

/// Which dims, type and nodata the result has, whichever input is named first: the dims of the operand with the most.
ArraySpec resultSpec(const std::vector<ExpressionVariable>& variables, const std::vector<ArraySpec>& inputs) {
  const auto dimCount = [&inputs](const ExpressionVariable& variable) {
    const ArraySpec& input = inputs[static_cast<std::size_t>(variable.input)];
    return input.dims.size() - (variable.kind == ExpressionVariable::Kind::Whole || input.spectralDim() < 0 ? 0 : 1);
  };
  const ExpressionVariable& widest = *std::min_element(variables.begin(), variables.end(), [&](const auto& a, const auto& b) {
    return std::pair(dimCount(b), a.input) < std::pair(dimCount(a), b.input);
  });
  ArraySpec spec = inputs[static_cast<std::size_t>(widest.input)];
  if (widest.kind != ExpressionVariable::Kind::Whole)
    if (const int d = spec.spectralDim(); d >= 0) spec = spec.withoutDim(d);
  const bool isWide = std::any_of(variables.begin(), variables.end(), [&inputs](const ExpressionVariable& variable) {
    return needsDouble(inputs[static_cast<std::size_t>(variable.input)].type);
  });
  // Any number may be a result: 0 of b1 - b2, 1 of a comparison.
  settleComputed(spec, isWide ? PixelType::Float64 : PixelType::Float32, 0, 0, true);
  spec.forgetQuantity();
  spec.variable = "result";
  return spec;
}

Result<Operand> operandOf(const ExpressionVariable& variable, const std::vector<ArraySpec>& inputs, const ArraySpec& result) {
  Operand operand{variable.input};
  if (variable.kind == ExpressionVariable::Kind::Whole) return operand;
  const ArraySpec& input = inputs[static_cast<std::size_t>(variable.input)];
  auto band = bandOf(variable, input);
  if (!band) return fail(band.error());
  operand.dim = input.spectralDim();
  operand.index = *band;
  if (result.indexOf(input.dims[static_cast<std::size_t>(operand.dim)].name) >= 0)
    return invalidParameter("expression", "bands and x of an array with bands cannot be mixed", "use bands only, or x only");
  return operand;
}

Result<Pointwise> describe(const Params& params, const std::vector<ArraySpec>& inputs) {
  auto expression = Expression::parse(params.text("expression"));
  if (!expression) return fail(expression.error());
  const auto& variables = expression->variables();
  if (variables.empty())
    return invalidParameter("expression", "the expression uses no band and no x", "b1 is the first band, x the array itself");
  for (const ExpressionVariable& variable : variables)
    if (variable.input >= static_cast<int>(inputs.size()))
      return invalidParameter("expression", "in" + std::to_string(variable.input + 1) + " is not connected",
                              "the node has " + std::to_string(inputs.size()) + " input(s)");
  Pointwise result;
  result.spec = resultSpec(variables, inputs);
  result.operands.clear();
  bool isScaled = false;
  for (const ExpressionVariable& variable : variables) {
    const ArraySpec& input = inputs[static_cast<std::size_t>(variable.input)];
    isScaled = isScaled || statedScale(input);
    auto operand = operandOf(variable, inputs, result.spec);
    if (!operand) return fail(operand.error());
    result.operands.push_back(*operand);
  }
  if (isScaled) result.warnings.emplace_back(kComputedFromStored);
  result.summary = params.text("expression");
  if (result.summary.size() > 48) result.summary = result.summary.substr(0, 45) + "...";
  result.seesNodata = true;
  result.kernel = pointKernel([e = std::move(*expression)](auto& run) { e.evaluate(run.inputs, run.out, run.count, run.scratch); });
  return result;
}

}  // namespace

CUBELOOM_OPERATION(calc) { return pointwise(declaration(), describe); }

}  // namespace cubeloom
