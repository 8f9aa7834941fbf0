// SPDX-License-Identifier: GPL-3.0-or-later
// calc: band math over one or more arrays on the same grid.
#include <algorithm>
#include <cmath>

#include "engine/array/resampled_meaning.h"
#include "engine/array/stated_scale.h"
#include "engine/base/text.h"
#include "engine/op/expression/expression.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/matched.h"
#include "engine/op/family/pointwise.h"
#include "engine/op/family/run_values.h"
#include "engine/op/reduce/reduction.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Band math";
  d.summary = "Computes an expression over bands, wavelengths or whole arrays.";
  d.help =
      "b7 is band 7 (1-based), nm(865) the band nearest to 865 nm (bands marked bad are passed over; one farther away than twice its "
      "width, "
      "or 15 nm where that is more, is an error), band(\"B04\") the band of that name, x the array itself, element by element; a second "
      "input's are in2.b7 and so on. An expression over bands drops the band dim; one over x keeps all dims. Several expressions, "
      "ndvi=...; evi=..., give a band each. Where an operand is nodata the result is nodata (NaN), comparisons too, and so it is where the "
      "result is no number. A choice takes the chosen value alone: where(isnodata(b1), b2, b1) fills the gaps of b1, as fill(b1, b2) does. "
      "Values are float32 for types of up to 16 bits and float32 itself, else float64; float64, too, where bits are asked for.\n\n"
      "Several inputs are laid beside one another by the names of their dims, and a dim that one of them lacks holds for it everywhere: a "
      "map of (y, x) and a series of (time) give (time, y, x). Along dims that several have, dates, wavelengths and names are the same, "
      "or join=inner keeps those that all have (also rows and columns, where one grid is a part of the other), and join=override takes "
      "those at the same place.";
  d.references = {
      "Tucker, C. J. (1979): Red and photographic infrared linear combinations for monitoring vegetation. "
      "doi:10.1016/0034-4257(79)90013-0"};
  d.example = "calc expression='(nm(865) - nm(650)) / (nm(865) + nm(650))'";
  d.python = "{?join=exact,inner:{expression}?}";
  d.noGdal = "gdal_calc.py has no bands by wavelength and computes with nodata";
  d.keywords = {"band math", "ndvi", "index", "expression", "formula", "ratio"};
  d.inputs = {{.name = "array", .help = "The first is in1, further ones in2, in3 and so on; all on one grid.", .many = true}};
  Param expression{.name = "expression",
                   .type = ParamType::Expression,
                   .help = "For example (nm(865) - nm(650)) / (nm(865) + nm(650)); several as ndvi=...; evi=..."};
  expression.required = true;
  d.params = {expression};
  return d;
}

/// The index of the band of that name; ambiguous and unknown names are errors.
Result<std::int64_t> namedBand(const std::string& name, const Dim& dim) {
  const std::vector<std::string>& labels = dim.coordinate.labels;
  const std::string call = "band(\"" + name + "\"): ";
  std::vector<std::string> places;
  std::int64_t found = -1;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] != name) continue;
    found = static_cast<std::int64_t>(i);
    places.push_back("b" + std::to_string(i + 1));
  }
  if (places.size() == 1) return found;
  if (!places.empty()) return invalidParameter("expression", call + "several bands have that name", "take one of " + join(places, ", "));
  if (labels.empty()) return invalidParameter("expression", call + "the bands have no names", "use b1 to b" + std::to_string(dim.size));
  constexpr std::size_t kMost = 12;
  const auto match = closestMatch(name, labels);
  std::string known = join({labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(std::min(kMost, labels.size()))}, ", ");
  if (labels.size() > kMost) known += ", ...";
  return invalidParameter("expression", call + "no band has that name",
                          match ? "did you mean '" + *match + "'?" : "their names are " + known);
}

/// How far from a band's centre a wavelength may be that means it, in nm: twice its width.
double farthest(const Dim& dim, std::int64_t band) {
  constexpr double kLeast = 15;
  const auto fwhm = dim.coordinate.aux.find("fwhm");
  return fwhm == dim.coordinate.aux.end() ? kLeast : std::fmax(kLeast, 2 * fwhm->second[static_cast<std::size_t>(band)]);
}

Result<std::int64_t> nearestBand(double nm, const Dim& dim) {
  const std::string call = "nm(" + formatNumber(nm) + "): ";
  const bool isNamed = dim.name == "wavelength" && dim.coordinate.kind == Coordinate::Kind::Values && dim.coordinate.unit.empty();
  if (dim.coordinate.unit != "nm" && !isNamed)
    return invalidParameter("expression", call + "the input has no wavelengths", "use b1 to b" + std::to_string(dim.size));
  const auto good = dim.coordinate.aux.find("good");
  std::int64_t best = -1;
  double distance = INFINITY;
  for (std::int64_t i = 0; i < dim.size; ++i) {
    if (good != dim.coordinate.aux.end() && good->second[static_cast<std::size_t>(i)] == 0) continue;
    if (const double off = std::abs(dim.coordinate.at(i) - nm); off < distance) {
      distance = off;
      best = i;
    }
  }
  if (best < 0) return invalidParameter("expression", call + "every band is marked bad");
  const double limit = farthest(dim, best);
  if (distance > limit)
    return invalidParameter(
        "expression",
        call + "the nearest band is b" + std::to_string(best + 1) + " at " + formatSignificant(dim.coordinate.at(best), 7) + " nm, " +
            formatSignificant(distance, 4) + " nm away; at most " + formatSignificant(limit, 4) + " are allowed",
        "to take it all the same write b" + std::to_string(best + 1) + "; the bands reach from " +
            formatSignificant(dim.coordinate.at(0), 7) + " to " + formatSignificant(dim.coordinate.at(dim.size - 1), 7) + " nm");
  return best;
}

/// The band index a variable means.
Result<std::int64_t> bandOf(const ExpressionVariable& variable, const ArraySpec& input) {
  const int d = input.spectralDim();
  if (d < 0)
    return invalidParameter("expression", "the input has no wavelength or band dim to take bands from",
                            "its dims are " + dimList(input) + "; use x for the array itself");
  const Dim& dim = input.dims[static_cast<std::size_t>(d)];
  if (variable.kind == ExpressionVariable::Kind::Wavelength) return nearestBand(variable.nm, dim);
  if (variable.kind == ExpressionVariable::Kind::Name) return namedBand(variable.name, dim);
  if (variable.band < 1 || variable.band > dim.size)
    return invalidParameter("expression", "b" + std::to_string(variable.band) + " is outside b1..b" + std::to_string(dim.size),
                            "bands count from 1");
  return variable.band - 1;
}

/// "nm(865) = b4, 864.8 nm": which band was taken for one that is asked for by its wavelength or name.
std::string pickedText(const ExpressionVariable& variable, const Operand& operand, const ArraySpec& input) {
  const std::string band = "b" + std::to_string(operand.index + 1);
  const std::string of = variable.input > 0 ? "in" + std::to_string(variable.input + 1) + "." : std::string();
  if (variable.kind == ExpressionVariable::Kind::Name) return of + variable.name + " = " + band;
  const double centre = input.dims[static_cast<std::size_t>(operand.dim)].coordinate.at(operand.index);
  return of + "nm(" + formatNumber(variable.nm) + ") = " + band + ", " + formatSignificant(centre, 6) + " nm";
}

/// Adds the dims of `other` that the result lacks, but for `apart`: in front of its rows and columns, or as these.
void addDimsOf(const ArraySpec& other, int apart, ArraySpec& spec) {
  const bool isGrid = !spec.isSpatial() && other.isSpatial();
  for (int d = 0; d < static_cast<int>(other.dims.size()); ++d) {
    const Dim& dim = other.dims[static_cast<std::size_t>(d)];
    if (d == apart || spec.indexOf(dim.name) >= 0) continue;
    const bool isPlaced = isGrid && (d == other.yDim || d == other.xDim);
    const int at = spec.isSpatial() ? std::min(spec.yDim, spec.xDim) : static_cast<int>(spec.dims.size());
    spec.dims.insert(spec.dims.begin() + (isPlaced ? static_cast<int>(spec.dims.size()) : at), dim);
    for (int* place : {&spec.yDim, &spec.xDim})
      if (!isPlaced && *place >= at) ++*place;
    spec.storage = {};
  }
  if (!isGrid) return;
  spec.yDim = spec.indexOf(other.dims[static_cast<std::size_t>(other.yDim)].name);
  spec.xDim = spec.indexOf(other.dims[static_cast<std::size_t>(other.xDim)].name);
  spec.geobox = other.geobox;
}

/// Of each input the dim whose bands are taken one by one; -1 where it is taken as a whole.
std::vector<int> bandDims(const std::vector<ExpressionVariable>& variables, const std::vector<ArraySpec>& inputs) {
  std::vector<int> dims(inputs.size(), -1);
  for (const ExpressionVariable& variable : variables)
    if (const auto k = static_cast<std::size_t>(variable.input); k < inputs.size() && variable.kind != ExpressionVariable::Kind::Whole)
      dims[k] = inputs[k].spectralDim();
  return dims;
}

/// Which dims, type and nodata the result has, whichever input is named first: the dims of the operand with the most, and what others have
/// beside them.
ArraySpec resultSpec(const std::vector<ExpressionVariable>& variables, const std::vector<ArraySpec>& inputs, bool usesBits) {
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
  const std::vector<int> apart = bandDims(variables, inputs);
  for (const ExpressionVariable& variable : variables) {
    const auto k = static_cast<std::size_t>(variable.input);
    addDimsOf(inputs[k], apart[k], spec);
  }
  const bool isWide = usesBits || std::any_of(variables.begin(), variables.end(), [&inputs](const ExpressionVariable& variable) {
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

/// What an expression and the others beside it read, each once; `places`: of each expression's variables among all.
struct Reads {
  std::vector<ExpressionVariable> variables;
  std::vector<std::vector<std::size_t>> places;
};

Reads readsOf(const std::vector<NamedExpression>& expressions) {
  Reads reads;
  for (const NamedExpression& one : expressions) {
    std::vector<std::size_t>& places = reads.places.emplace_back();
    for (const ExpressionVariable& variable : one.expression.variables()) {
      const auto found = std::find(reads.variables.begin(), reads.variables.end(), variable);
      places.push_back(static_cast<std::size_t>(found - reads.variables.begin()));
      if (found == reads.variables.end()) reads.variables.push_back(variable);
    }
  }
  return reads;
}

/// Evaluates one expression over `n` elements from `first` on.
template <class Run>
void evaluate(const Expression& expression, const std::vector<std::size_t>& places, Run& run, std::size_t first, std::size_t n) {
  auto inputs = run.inputs;
  inputs.resize(places.size());
  for (std::size_t i = 0; i < places.size(); ++i) inputs[i] = run.inputs[places[i]] + first;
  expression.evaluate(inputs, run.out + first, n, run.scratch);
}

/// Several expressions lie along a dim of the result: the last input says which one an element belongs to.
std::shared_ptr<const PointKernel> kernelOf(std::vector<NamedExpression> expressions, std::vector<std::vector<std::size_t>> places) {
  return pointKernel([expressions = std::move(expressions), places = std::move(places)](auto& run) {
    if (expressions.size() == 1) return expressions[0].expression.evaluate(run.inputs, run.out, run.count, run.scratch);
    const auto* which = run.inputs.back();
    for (std::size_t first = 0, end = 0; first < run.count; first = end) {
      while (end < run.count && !(which[end] < which[first]) && !(which[end] > which[first])) ++end;
      const auto k = static_cast<std::size_t>(which[first]);
      evaluate(expressions[k].expression, places[k], run, first, end - first);
    }
  });
}

/// Gives the result a band for each expression, called as it is.
Result<void> addBands(const std::vector<NamedExpression>& expressions, Pointwise& result) {
  Dim band{"band", static_cast<std::int64_t>(expressions.size()), {}};
  band.coordinate.kind = Coordinate::Kind::Regular;
  band.coordinate.start = 1;
  band.coordinate.unit = "1";
  NumbersAlong which;
  for (const NamedExpression& one : expressions) {
    which.values.push_back(static_cast<double>(which.values.size()));
    band.coordinate.labels.push_back(one.name);
  }
  if (result.spec.spectralDim() >= 0 || !prependDim(result.spec, std::move(band)))
    return invalidParameter("expression", "several expressions give a band each, and the result of one has bands already",
                            "compute with bands (b1, nm(865)) instead of x, or write one expression");
  result.along = {std::move(which)};
  return {};
}

std::string summaryOf(const std::string& expression, const std::vector<std::string>& picked) {
  constexpr std::size_t kMost = 48, kMostPicked = 6;
  std::string text = expression.size() > kMost ? expression.substr(0, kMost - 3) + "..." : expression;
  for (std::size_t i = 0; i < std::min(kMostPicked, picked.size()); ++i) text += (i == 0 ? " · " : "; ") + picked[i];
  return picked.size() > kMostPicked ? text + "; ..." : text;
}

Result<Pointwise> describe(const Params& params, const std::vector<ArraySpec>& inputs) {
  auto expressions = parseExpressions(params.text("expression"));
  if (!expressions) return fail(expressions.error());
  Reads reads = readsOf(*expressions);
  for (const NamedExpression& one : *expressions)
    if (one.expression.variables().empty())
      return invalidParameter("expression", "the expression " + (one.name.empty() ? "" : "'" + one.name + "' ") + "uses no band and no x",
                              "b1 is the first band, x the array itself");
  for (const ExpressionVariable& variable : reads.variables)
    if (variable.input >= static_cast<int>(inputs.size()))
      return invalidParameter("expression", "in" + std::to_string(variable.input + 1) + " is not connected",
                              "the node has " + std::to_string(inputs.size()) + " input(s)");
  const bool usesBits = std::any_of(expressions->begin(), expressions->end(), [](const auto& one) { return one.expression.usesBits(); });
  Pointwise result;
  result.spec = resultSpec(reads.variables, inputs, usesBits);
  result.operands.clear();
  std::vector<bool> isWhole;
  std::vector<std::string> picked;
  bool isScaled = false;
  for (const ExpressionVariable& variable : reads.variables) {
    const ArraySpec& input = inputs[static_cast<std::size_t>(variable.input)];
    isScaled = isScaled || statedScale(input);
    isWhole.push_back(isInteger(input.type));
    auto operand = operandOf(variable, inputs, result.spec);
    if (!operand) return fail(operand.error());
    if (variable.kind == ExpressionVariable::Kind::Wavelength || variable.kind == ExpressionVariable::Kind::Name)
      picked.push_back(pickedText(variable, *operand, input));
    result.operands.push_back(*operand);
  }
  for (std::size_t i = 0; i < expressions->size(); ++i) {
    std::vector<bool> own;
    for (const std::size_t place : reads.places[i]) own.push_back(isWhole[place]);
    CUBELOOM_TRY((*expressions)[i].expression.checkBits(own));
  }
  if (expressions->size() > 1) CUBELOOM_TRY(addBands(*expressions, result));
  if (!expressions->front().name.empty() && expressions->size() == 1) result.spec.variable = expressions->front().name;
  if (isScaled) result.warnings.emplace_back(kComputedFromStored);
  result.summary = summaryOf(params.text("expression"), picked);
  result.seesNodata = true;
  result.kernel = kernelOf(std::move(*expressions), std::move(reads.places));
  return result;
}

}  // namespace

CUBELOOM_OPERATION(calc) {
  return matchedPointwise(declaration(), describe, [](const Params& params, const std::vector<ArraySpec>& inputs) {
    const auto expressions = parseExpressions(params.text("expression"));
    return expressions ? bandDims(readsOf(*expressions).variables, inputs) : std::vector<int>();
  });
}

}  // namespace cubeloom
