// SPDX-License-Identifier: GPL-3.0-or-later
// mask: values stay where a condition holds.
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/text.h"
#include "engine/op/expression/expression.h"
#include "engine/op/family/composite.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/masked.h"
#include "engine/op/family/matched.h"

namespace cubeloom {
namespace {

Declaration maskDeclaration() {
  Declaration d;
  d.title = "Mask";
  d.summary = "Keeps values where a condition holds, of them or of other arrays, and makes the others nodata.";
  d.help =
      "The condition is an expression, element by element: x is the array itself, in2.x the second input, as in x > 0, in2.x == 4, or of "
      "several x > 0 and in2.x == 4 and in3.x < 80; b4 and nm(865) are bands. Where it is 0 or nodata, the value of one it asks of being "
      "nodata, the value goes. Further inputs have the array's grid, and some or all of its dims: one mask serves all bands and dates. "
      "Along dims that they share, entries are the same, or join=inner keeps those that all have. 'dilate' makes what goes grow by "
      "pixels, in a circle.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.where.html"};
  d.example = "mask where='x > 0.1'";
  d.moreExamples = {"mask where='x > 0.1' dilate=2", "mask where='nm(865) > nm(650)'"};
  d.python =
      "{?join=exact,inner:{?dilate=0:{?invert=false:array.where(({where|in2.notnull() & (in2 != 0)}).fillna(0) != 0)?}"
      "{?invert=true:array.where((({where|in2.notnull() & (in2 != 0)}) == 0) & {where|in2}.notnull())?}?}"
      "{?!dilate=0:array.where(~xarray.apply_ufunc(scipy.ndimage.binary_dilation, "
      "({?invert=false:~?}((({where|in2.notnull() & (in2 != 0)})).fillna(0) != 0)).compute(), "
      "input_core_dims=[[{in.y|'y'}, {in.x|'x'}]], output_core_dims=[[{in.y|'y'}, {in.x|'x'}]], vectorize=True, "
      "kwargs=dict(structure=np.hypot(*np.mgrid[-{dilate}:{dilate} + 1, -{dilate}:{dilate} + 1]) <= {dilate})))?}?}";
  d.noGdal = "gdal_calc.py computes with nodata as with any value";
  d.keywords = {"where", "filter", "condition", "threshold", "cut out"};
  d.inputs = {{.name = "array"},
              {.name = "mask", .help = "What the condition asks of; 0 and nodata mean no.", .optional = true},
              {.name = "others", .help = "What it asks of, too: in3, in4 and so on.", .optional = true, .many = true}};
  d.params = {{.name = "where", .type = ParamType::Expression, .help = "For example x > 0; with a second input in2.x != 0 when left out."},
              invertParam("Keep where it does not hold."),
              dilateParam(),
              joinParam(),
              // Of the step that a condition on several arrays ends in: what its card says.
              {.name = "said", .help = "The condition that was computed before.", .former = true}};
  return d;
}

constexpr const char* kWhereSecond = "in2.x != 0";

/// Which inputs the condition asks of, and whether of bands: ascending, each once.
struct Asked {
  std::set<int> inputs;
  bool isOfBands = false;
};
Asked askedOf(const Expression& where) {
  Asked asked;
  for (const ExpressionVariable& variable : where.variables()) {
    asked.inputs.insert(variable.input);
    asked.isOfBands = asked.isOfBands || variable.kind != ExpressionVariable::Kind::Whole;
  }
  return asked;
}

Result<Expression> conditionOf(const Params& params, std::string& where) {
  where = trim(params.text("where"));
  if (where.empty()) where = kWhereSecond;
  auto parsed = Expression::parse(where);
  if (!parsed) return invalidParameter("where", parsed.error().message, parsed.error().hint);
  return parsed;
}

class MaskOperation : public Operation {
 public:
  MaskOperation() { m_declaration = maskDeclaration(); }

  /// A condition on the values of several inputs, or on bands, is computed first; then it is a second input as any other.
  Result<std::vector<ChainStep>> steps(const Params& params, const BindContext& context) const override {
    std::string where;
    auto condition = conditionOf(params, where);
    if (!condition) return fail(condition.error());
    const Asked asked = askedOf(*condition);
    if (asked.inputs.size() < 2 && !asked.isOfBands) return std::vector<ChainStep>();
    auto steps = stepsOfWords(context, {"calc", "expression=" + where, "join=" + params.choice("join")}, {});
    if (!steps) return fail(steps.error());
    std::vector<int> all;
    for (int k = 0; k <= *asked.inputs.rbegin(); ++k) all.push_back(~k);
    steps->front().inputs = std::move(all);
    Json values = Json::object();
    for (const char* name : {"invert", "dilate", "join"}) values[name] = params.json(name);
    values["said"] = params.text("where");
    steps->push_back({this, std::move(values), {}, std::vector<int>{~0, 0}});
    return steps;
  }

  Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                     const BindContext& /*context*/) const override {
    std::string where;
    if (trim(params.text("where")).empty() && inputs.size() < 2)
      return invalidParameter("where", "nothing says what stays", "give a condition such as x > 0, or a second input");
    auto condition = conditionOf(params, where);
    if (!condition) return fail(condition.error());
    const Asked asked = askedOf(*condition);
    if (asked.inputs.empty())
      return invalidParameter("where", "the condition asks of no array", "x is the array itself, in2.x the second input");
    const int last = *asked.inputs.rbegin();
    if (last >= static_cast<int>(inputs.size()))
      return invalidParameter("where", "in" + std::to_string(last + 1) + " is not connected",
                              "the node has " + std::to_string(inputs.size()) + " input(s)");
    Masked masked;
    masked.flags = last;
    noteDoubles(inputs[static_cast<std::size_t>(last)].type, masked.warnings);
    masked.dilate = params.integer("dilate");
    masked.summary = (params.flag("invert") ? "not " : "") + (params.text("said").empty() ? where : params.text("said"));
    masked.drop = [expression = std::move(*condition), isInverted = params.flag("invert")](const double* flags, std::size_t count,
                                                                                           std::uint8_t* drops) {
      std::vector<double> holds(count), scratch;
      expression.evaluate<double>({flags}, holds.data(), count, scratch);
      for (std::size_t i = 0; i < count; ++i) {
        const bool isUnknown = holds[i] != holds[i];
        drops[i] = isUnknown || (holds[i] != 0) == isInverted;
      }
    };
    MatchedInputs matched{inputs, {}};
    for (std::size_t k = 0; k < inputs.size(); ++k) matched.names.push_back(m_declaration.inputName(static_cast<int>(k)));
    return bindMatched(params, matched, [&masked](const std::vector<ArraySpec>& specs) { return bindMasked(specs, std::move(masked)); });
  }
};

}  // namespace

CUBELOOM_OPERATION(mask) { return std::make_unique<MaskOperation>(); }

}  // namespace cubeloom
