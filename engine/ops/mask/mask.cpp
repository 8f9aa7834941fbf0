// SPDX-License-Identifier: GPL-3.0-or-later
// mask: values stay where a condition holds.
#include "engine/base/text.h"
#include "engine/op/expression/expression.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/masked.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Mask";
  d.summary = "Keeps values where a condition holds, of them or of a second array, and makes the others nodata.";
  d.help =
      "The condition is an expression of one array, element by element: x is the array itself, in2.x the second input, as in x > 0 or "
      "in2.x == 4. Where it is 0 or nodata the value goes. A second input has the array's grid, and some or all of its dims: one mask "
      "serves "
      "all bands and dates. 'dilate' makes what goes grow by pixels, in a circle.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.where.html"};
  d.example = "mask where='x > 0.1'";
  d.moreExamples = {"mask where='x > 0.1' dilate=2"};
  d.python =
      "{?dilate=0:{?invert=false:array.where(({where|in2.notnull() & (in2 != 0)}).fillna(0) != 0)?}"
      "{?invert=true:array.where((({where|in2.notnull() & (in2 != 0)}) == 0) & {where|in2}.notnull())?}?}"
      "{?!dilate=0:array.where(~xarray.apply_ufunc(scipy.ndimage.binary_dilation, "
      "({?invert=false:~?}((({where|in2.notnull() & (in2 != 0)})).fillna(0) != 0)).compute(), "
      "input_core_dims=[[{in.y|'y'}, {in.x|'x'}]], output_core_dims=[[{in.y|'y'}, {in.x|'x'}]], vectorize=True, "
      "kwargs=dict(structure=np.hypot(*np.mgrid[-{dilate}:{dilate} + 1, -{dilate}:{dilate} + 1]) <= {dilate})))?}";
  d.noGdal = "gdal_calc.py computes with nodata as with any value";
  d.keywords = {"where", "filter", "condition", "threshold", "cut out"};
  d.inputs = {{.name = "array"}, {.name = "mask", .help = "What the condition asks of; 0 and nodata mean no.", .optional = true}};
  d.params = {{.name = "where", .type = ParamType::Expression, .help = "For example x > 0; with a second input in2.x != 0 when left out."},
              invertParam("Keep where it does not hold."),
              dilateParam()};
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  std::string where(trim(params.text("where")));
  if (where.empty() && inputs.size() < 2)
    return invalidParameter("where", "nothing says what stays", "give a condition such as x > 0, or a second input");
  if (where.empty()) where = "in2.x != 0";
  auto parsed = Expression::parse(where);
  if (!parsed) return invalidParameter("where", parsed.error().message, parsed.error().hint);
  const auto& variables = parsed->variables();
  for (const ExpressionVariable& variable : variables)
    if (variable.kind != ExpressionVariable::Kind::Whole || variable.input != variables[0].input)
      return invalidParameter("where", "the condition asks of bands or of several arrays",
                              "make it with calc before, and mask by the result");
  if (variables.empty())
    return invalidParameter("where", "the condition asks of no array", "x is the array itself, in2.x the second input");
  if (variables[0].input >= static_cast<int>(inputs.size()))
    return invalidParameter("where", "in" + std::to_string(variables[0].input + 1) + " is not connected",
                            "the node has " + std::to_string(inputs.size()) + " input(s)");
  Masked masked;
  masked.flags = variables[0].input;
  noteDoubles(inputs[static_cast<std::size_t>(masked.flags)].type, masked.warnings);
  masked.dilate = params.integer("dilate");
  masked.summary = (params.flag("invert") ? "not " : "") + where;
  masked.drop = [expression = std::move(*parsed), isInverted = params.flag("invert")](const double* flags, std::size_t count,
                                                                                      std::uint8_t* drops) {
    std::vector<double> holds(count), scratch;
    expression.evaluate<double>({flags}, holds.data(), count, scratch);
    for (std::size_t i = 0; i < count; ++i) {
      const bool isUnknown = holds[i] != holds[i];
      drops[i] = isUnknown || (holds[i] != 0) == isInverted;
    }
  };
  return bindMasked(inputs, std::move(masked));
}

}  // namespace

CUBELOOM_OPERATION(mask) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
