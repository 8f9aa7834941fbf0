// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of an expression as one Python expression over xarray arrays.
#include <algorithm>
#include <cctype>

#include "engine/base/text.h"
#include "engine/op/expression/expression.h"

namespace cubeloom {
namespace {

using Step = Expression::Step;
using Code = Step::Code;

struct PythonForm {
  Code code;
  int operands;
  const char* text;     ///< %1, %2, %3 stand for the operands
  bool ofBoth = false;  ///< the text is over a and b, and NaN where one of them is: numpy's comparisons are False there, 1 ** nan is 1
  bool ofBits = false;  ///< the text is an operator of whole numbers, and the result NaN where one of the two is none
};

// Where a form needs an operand twice it is a lambda, so that nothing is written out twice.
constexpr PythonForm kForms[] = {
    {Code::Negate, 1, "(-%1)"},
    {Code::Not, 1, "(lambda a: xarray.where(numpy.isnan(a), numpy.nan, a == 0))(%1)"},
    {Code::Add, 2, "(%1 + %2)"},
    {Code::Subtract, 2, "(%1 - %2)"},
    {Code::Multiply, 2, "(%1 * %2)"},
    {Code::Divide, 2, "(%1 / %2)"},
    {Code::Modulo, 2, "(%1 % %2)"},
    {Code::Power, 2, "a ** b", true},
    {Code::Less, 2, "a < b", true},
    {Code::LessEqual, 2, "a <= b", true},
    {Code::Greater, 2, "a > b", true},
    {Code::GreaterEqual, 2, "a >= b", true},
    {Code::Equal, 2, "a == b", true},
    {Code::NotEqual, 2, "a != b", true},
    {Code::And, 2,
     "(lambda a, b: xarray.where((a == 0) | (b == 0), 0, xarray.where(numpy.isnan(a) | numpy.isnan(b), numpy.nan, 1)))(%1, %2)"},
    {Code::Or, 2, "(lambda a, b: xarray.where((abs(a) > 0) | (abs(b) > 0), 1, a + b))(%1, %2)"},
    {Code::Select, 3, "(lambda c, a, b: xarray.where(numpy.isnan(c), numpy.nan, xarray.where(c != 0, a, b)))(%1, %2, %3)"},
    {Code::Abs, 1, "numpy.abs(%1)"},
    {Code::Sqrt, 1, "numpy.sqrt(%1)"},
    {Code::Exp, 1, "numpy.exp(%1)"},
    {Code::Log, 1, "numpy.log(%1)"},
    {Code::Log10, 1, "numpy.log10(%1)"},
    {Code::Log2, 1, "numpy.log2(%1)"},
    {Code::Sin, 1, "numpy.sin(%1)"},
    {Code::Cos, 1, "numpy.cos(%1)"},
    {Code::Tan, 1, "numpy.tan(%1)"},
    {Code::Asin, 1, "numpy.arcsin(%1)"},
    {Code::Acos, 1, "numpy.arccos(%1)"},
    {Code::Atan, 1, "numpy.arctan(%1)"},
    {Code::Atan2, 2, "numpy.arctan2(%1, %2)"},
    {Code::Floor, 1, "numpy.floor(%1)"},
    {Code::Ceil, 1, "numpy.ceil(%1)"},
    {Code::Round, 1, "numpy.round(%1)"},  // half to even
    {Code::Min, 2, "numpy.minimum(%1, %2)"},
    {Code::Max, 2, "numpy.maximum(%1, %2)"},
    {Code::Clamp, 3, "numpy.clip(%1, %2, %3)"},
    {Code::IsNan, 1, "(numpy.isnan(%1) * 1)"},
    {Code::Fill, 2, "(lambda a, b: xarray.where(numpy.isnan(a), b, a))(%1, %2)"},
    {Code::BitAnd, 2, "&", false, true},
    {Code::BitOr, 2, "|", false, true},
    {Code::BitXor, 2, "^", false, true},
    {Code::BitNot, 1, "(lambda a: xarray.where(a == numpy.floor(a), -a - 1, numpy.nan))(%1)"},
    {Code::ShiftLeft, 2,
     "(lambda a, b: xarray.where((a == numpy.floor(a)) & (b == numpy.floor(b)) & (b >= 0), numpy.ldexp(a, "
     "numpy.nan_to_num(b).astype(int)), "
     "numpy.nan))(%1, xarray.DataArray(%2))"},
    {Code::ShiftRight, 2,
     "(lambda a, b: xarray.where((a == numpy.floor(a)) & (b == numpy.floor(b)) & (b >= 0), numpy.floor(numpy.ldexp(a, "
     "-numpy.nan_to_num(b).astype(int))), numpy.nan))(%1, xarray.DataArray(%2))"},
};

std::string filled(const PythonForm& form, const std::vector<std::string>& operands) {
  if (form.ofBoth)
    return std::string("(lambda a, b: xarray.where(numpy.isnan(a) | numpy.isnan(b), numpy.nan, ") + form.text + "))(" + operands[0] + ", " +
           operands[1] + ")";
  if (form.ofBits)
    return std::string("(lambda a, b: xarray.where((a == numpy.floor(a)) & (b == numpy.floor(b)), numpy.nan_to_num(a).astype('int64') ") +
           form.text + " numpy.nan_to_num(b).astype('int64'), numpy.nan))(xarray.DataArray(" + operands[0] + "), xarray.DataArray(" +
           operands[1] + "))";
  std::string text;
  for (const char* c = form.text; *c != 0; ++c) {
    if (*c == '%' && c[1] >= '1' && c[1] <= '3')
      text += operands[static_cast<std::size_t>(*++c - '1')];
    else
      text += *c;
  }
  return text;
}

std::string nameText(const std::string& name) {
  std::string text = "'";
  for (const char c : name) text += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return text + "'";
}

bool isPythonName(const std::string& name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) == 0 &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x80 && (std::isalnum(c) != 0 || c == '_'); });
}

/// "wavelength=" as a keyword's argument, or what begins and ends a dict where the dim's name cannot be one.
std::string chosen(const std::string& method, const std::string& dim, const std::string& value, const std::string& more = {}) {
  const bool isName = isPythonName(dim);
  return "." + method + "(" + (isName ? dim + "=" : "{" + nameText(dim) + ": ") + value + (isName ? "" : "}") + more + ")";
}

/// The first input is called array, the others in2, in3, ...
std::string variableText(const ExpressionVariable& variable, const std::vector<BandAxis>& bands) {
  std::string array = variable.input == 0 ? "array" : "in" + std::to_string(variable.input + 1);
  const auto input = static_cast<std::size_t>(variable.input);
  const BandAxis axis = input < bands.size() ? bands[input] : BandAxis();
  switch (variable.kind) {
    case ExpressionVariable::Kind::Whole: return array;
    case ExpressionVariable::Kind::Band: return array + chosen("isel", axis.dim, std::to_string(variable.band - 1));
    case ExpressionVariable::Kind::Name: {
      const auto named = std::find(axis.names.begin(), axis.names.end(), variable.name);
      if (named != axis.names.end()) return array + chosen("isel", axis.dim, std::to_string(named - axis.names.begin()));
      return array + chosen("isel", axis.dim, "list(" + array + ".attrs['long_name']).index(" + nameText(variable.name) + ")");
    }
    case ExpressionVariable::Kind::Wavelength: break;
  }
  return array + chosen("sel", axis.dim == "band" ? "wavelength" : axis.dim, formatNumber(variable.nm), ", method='nearest'");
}

std::string constantText(double value) {
  const std::string text = formatNumber(value);
  return text == "nan" || text == "inf" || text == "-inf" ? "float('" + text + "')" : text;
}

}  // namespace

std::string Expression::python(const std::vector<BandAxis>& bands) const {
  std::vector<std::string> stack;
  for (const Step& step : m_steps) {
    if (step.code == Code::Constant) {
      stack.push_back(constantText(step.constant));
      continue;
    }
    if (step.code == Code::Variable) {
      stack.push_back(variableText(m_variables[static_cast<std::size_t>(step.variable)], bands));
      continue;
    }
    for (const PythonForm& form : kForms) {
      if (form.code != step.code) continue;
      const std::vector<std::string> operands(stack.end() - form.operands, stack.end());
      stack.resize(stack.size() - static_cast<std::size_t>(form.operands));
      stack.push_back(filled(form, operands));
    }
  }
  return stack.empty() ? std::string() : stack.back();
}

std::string pythonOf(const std::vector<NamedExpression>& expressions, const std::vector<BandAxis>& bands) {
  if (expressions.size() == 1) return expressions[0].expression.python(bands);
  std::vector<std::string> each, names;
  for (const NamedExpression& one : expressions) {
    each.push_back(one.expression.python(bands) + ".reset_coords(drop=True)");  // what a band had of its own is not that of the others
    names.push_back("'" + one.name + "'");
  }
  return "xarray.concat([" + join(each, ", ") + "], 'band').assign_coords(band=range(1, " + std::to_string(names.size() + 1) +
         "), band_name=('band', [" + join(names, ", ") + "]))";
}

}  // namespace cubeloom
