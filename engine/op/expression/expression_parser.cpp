// SPDX-License-Identifier: GPL-3.0-or-later
// From text to steps: a Pratt parser that emits the stack machine's code as it goes.
#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "engine/op/expression/expression.h"
#include "engine/op/operation.h"

namespace cubeloom {
namespace {

using Step = Expression::Step;
using Code = Step::Code;

constexpr std::size_t kMaxText = 4096;
constexpr int kMaxLevels = 64;
constexpr std::size_t kMaxSteps = 1000;

constexpr int kMaxArguments = 64;

struct Function {
  const char* name;
  Code code;
  int arguments;  ///< kAny: one or more
  const char* form;
  const char* help;
};
constexpr int kAny = -1;

constexpr std::array kFunctions{
    Function{"abs", Code::Abs, 1, "abs(a)", "without its sign"},
    Function{"sqrt", Code::Sqrt, 1, "sqrt(a)", "square root; of a negative number nodata"},
    Function{"exp", Code::Exp, 1, "exp(a)", "e to the power of a"},
    Function{"ln", Code::Log, 1, "ln(a)", "natural logarithm"},
    Function{"log", Code::Log, 1, "log(a)", "natural logarithm, as numpy has it"},
    Function{"log10", Code::Log10, 1, "log10(a)", "logarithm to the base of 10"},
    Function{"log2", Code::Log2, 1, "log2(a)", "logarithm to the base of 2"},
    Function{"sin", Code::Sin, 1, "sin(a)", "sine; angles are radians"},
    Function{"cos", Code::Cos, 1, "cos(a)", "cosine"},
    Function{"tan", Code::Tan, 1, "tan(a)", "tangent"},
    Function{"asin", Code::Asin, 1, "asin(a)", "arc sine, in radians"},
    Function{"acos", Code::Acos, 1, "acos(a)", "arc cosine, in radians"},
    Function{"atan", Code::Atan, 1, "atan(a)", "arc tangent, in radians"},
    Function{"atan2", Code::Atan2, 2, "atan2(y, x)", "the angle of the point x, y, in radians"},
    Function{"floor", Code::Floor, 1, "floor(a)", "the whole number below"},
    Function{"ceil", Code::Ceil, 1, "ceil(a)", "the whole number above"},
    Function{"round", Code::Round, 1, "round(a)", "the nearest whole number, of a half the even one"},
    Function{"min", Code::Min, kAny, "min(a, b, ...)", "the smallest; nodata where one is"},
    Function{"max", Code::Max, kAny, "max(a, b, ...)", "the largest; nodata where one is"},
    Function{"mean", Code::Add, kAny, "mean(a, b, ...)", "the arithmetic mean; nodata where one is"},
    Function{"pow", Code::Power, 2, "pow(a, b)", "a to the power of b"},
    Function{"mod", Code::Modulo, 2, "mod(a, b)", "the rest of a / b, with the sign of b"},
    Function{"clamp", Code::Clamp, 3, "clamp(a, low, high)", "a, but not below low nor above high"},
    Function{"where", Code::Select, 3, "where(condition, a, b)", "a where the condition holds, else b; the other one may be nodata"},
    Function{"if", Code::Select, 3, "if(condition, a, b)", "as where"},
    Function{"isnodata", Code::IsNan, 1, "isnodata(a)", "1 where a is nodata or no number, else 0"},
    Function{"isnan", Code::IsNan, 1, "isnan(a)", "as isnodata"},
    Function{"fill", Code::Fill, 2, "fill(a, b)", "a; b where a is nodata"},
    Function{"xor", Code::BitXor, 2, "xor(a, b)", "bits that are set in one of two whole numbers alone (^ is the power)"},
};

struct Operator {
  const char* text;
  Code code;
  int precedence;
  const char* form;
  const char* help;
};

// Longer texts before their beginnings, so that "<=" is not read as "<". Bits bind tighter than comparisons, as in Python.
constexpr std::array kOperators{
    Operator{"**", Code::Power, 13, "a ** b", "a to the power of b; binds to the right"},
    Operator{"<<", Code::ShiftLeft, 9, "a << n", "whole number a with its bits n places higher"},
    Operator{">>", Code::ShiftRight, 9, "a >> n", "whole number a with its bits n places lower"},
    Operator{"<=", Code::LessEqual, 6, "a <= b", "at most; 1 or 0"},
    Operator{">=", Code::GreaterEqual, 6, "a >= b", "at least; 1 or 0"},
    Operator{"==", Code::Equal, 5, "a == b", "equal; 1 or 0"},
    Operator{"!=", Code::NotEqual, 5, "a != b", "not equal; 1 or 0"},
    Operator{"&&", Code::And, 3, "a && b", "both hold; 0 where one does not, even where the other is nodata"},
    Operator{"||", Code::Or, 2, "a || b", "one holds; 1 where one does, even where the other is nodata"},
    Operator{"and", Code::And, 3, "a and b", "as &&"},
    Operator{"or", Code::Or, 2, "a or b", "as ||"},
    Operator{"^", Code::Power, 13, "a ^ b", "as **: a to the power of b; xor(a, b) is that of bits"},
    Operator{"&", Code::BitAnd, 8, "a & b", "bits that are set in both whole numbers"},
    Operator{"|", Code::BitOr, 7, "a | b", "bits that are set in one of two whole numbers, or in both"},
    Operator{"<", Code::Less, 6, "a < b", "less; 1 or 0"},
    Operator{">", Code::Greater, 6, "a > b", "greater; 1 or 0"},
    Operator{"+", Code::Add, 10, "a + b", "sum"},
    Operator{"-", Code::Subtract, 10, "a - b", "difference"},
    Operator{"*", Code::Multiply, 11, "a * b", "product"},
    Operator{"/", Code::Divide, 11, "a / b", "quotient; by 0 nodata"},
    Operator{"%", Code::Modulo, 11, "a % b", "the rest of a / b, with the sign of b"},
    Operator{"?", Code::Select, 1, "c ? a : b", "a where c holds, else b; the other one may be nodata"},
};
constexpr int kOrderPrecedence = 6, kEqualityPrecedence = 5;

/// Before their operand. `precedence`: of what they take.
constexpr std::array kSigns{
    Operator{"not", Code::Not, 5, "not a", "1 where a is 0, else 0; of all that follows up to and, or"},
    Operator{"!", Code::Not, 12, "!a", "1 where a is 0, else 0"},
    Operator{"~", Code::BitNot, 12, "~a", "all bits of a whole number the other way: -a - 1"},
    Operator{"-", Code::Negate, 12, "-a", "with the other sign; below a power"},
};
constexpr int kUnaryPrecedence = 12;

constexpr std::array kOperands{
    ExpressionWord{"operand", "b", "b7", "band 7, counted from 1"},
    ExpressionWord{"operand", "nm", "nm(865)", "the band nearest to 865 nm; bands marked bad are passed over"},
    ExpressionWord{"operand", "band", "band(\"B04\")", "the band of that name"},
    ExpressionWord{"operand", "x", "x", "the array itself, element by element"},
    ExpressionWord{"operand", "in2", "in2.b7, in2.x", "the same of the second input"},
    ExpressionWord{"operand", "pi", "pi, e, nan", "3.14159..., 2.71828..., nodata"},
    ExpressionWord{"operand", "number", "1.5e-3", "a number"},
};

bool isWordCharacter(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

}  // namespace

class ExpressionParser {
 public:
  /// `offset`: where the text begins in what the user wrote.
  explicit ExpressionParser(const std::string& text, std::size_t offset = 0) : m_text(text), m_offset(offset) {}

  Result<Expression> parse() {
    if (m_text.size() > kMaxText)
      return invalidParameter("expression", "the expression has " + std::to_string(m_text.size()) + " characters, at most " +
                                                std::to_string(kMaxText) + " are read");
    CUBELOOM_TRY(expression(0));
    skipBlanks();
    if (m_at < m_text.size()) return wrong("an operator");
    return std::move(m_result);
  }

 private:
  Failure wrong(const std::string& expected) const {
    const std::string found = m_at >= m_text.size() ? "the end" : "'" + m_text.substr(m_at, 12) + "'";
    return invalidParameter("expression",
                            "at position " + std::to_string(m_offset + m_at + 1) + " stands " + found + ", expected " + expected,
                            "example: (nm(865) - nm(650)) / (nm(865) + nm(650))");
  }

  /// `1 < x < 5` is two comparisons in Python, `(1 < x) < 5` in C, and an error in numpy.
  Failure comparedTwice() const {
    return invalidParameter(
        "expression", "at position " + std::to_string(m_offset + m_at + 1) + " the result of a comparison, 0 or 1, would be compared again",
        "write both with &&: a < x && x < b; or set parentheses");
  }

  void skipBlanks() {
    while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at]))) ++m_at;
  }

  bool accept(const std::string& text) {
    skipBlanks();
    if (!stands(text)) return false;
    m_at += text.size();
    return true;
  }

  /// Whether `text` comes next; of letters, as a whole word.
  bool stands(std::string_view text) const {
    if (m_text.compare(m_at, text.size(), text) != 0) return false;
    const std::size_t end = m_at + text.size();
    return !std::isalpha(static_cast<unsigned char>(text[0])) || end >= m_text.size() || !isWordCharacter(m_text[end]);
  }

  Result<void> emit(Step step, int taken) {
    if (m_result.m_steps.size() >= kMaxSteps)
      return invalidParameter("expression", "the expression has more than " + std::to_string(kMaxSteps) + " operations");
    m_result.m_steps.push_back(step);
    m_stack += 1 - taken;
    m_result.m_depth = std::max(m_result.m_depth, m_stack);
    return {};
  }

  const Operator* nextOperator() {
    skipBlanks();
    for (const Operator& op : kOperators)
      if (stands(op.text)) return &op;
    return nullptr;
  }

  Result<void> expression(int least) {
    if (++m_level > kMaxLevels)
      return invalidParameter("expression", "the expression nests deeper than " + std::to_string(kMaxLevels) + " levels");
    CUBELOOM_TRY(operand());
    bool isCompared = false;
    while (const Operator* op = nextOperator()) {
      if (op->precedence < least) break;
      const bool compares = op->precedence == kEqualityPrecedence || op->precedence == kOrderPrecedence;
      if (compares && isCompared) return comparedTwice();
      isCompared = compares;
      m_at += std::string_view(op->text).size();
      if (op->code == Code::Select) {  // c ? a : b
        CUBELOOM_TRY(expression(1));
        if (!accept(":")) return wrong("':'");
        CUBELOOM_TRY(expression(1));
        CUBELOOM_TRY(emit({Code::Select, 0, 0}, 3));
        continue;
      }
      // Powers bind to the right, everything else to the left.
      CUBELOOM_TRY(expression(op->code == Code::Power ? op->precedence : op->precedence + 1));
      if (compares && m_isComparison) return comparedTwice();
      CUBELOOM_TRY(emit({op->code, 0, 0}, 2));
    }
    m_isComparison = isCompared;
    --m_level;
    return {};
  }

  Result<void> operand() {
    skipBlanks();
    if (accept("(")) {
      CUBELOOM_TRY(expression(0));
      if (!accept(")")) return wrong("')'");
      m_isComparison = false;
      return {};
    }
    if (accept("+")) return expression(kUnaryPrecedence);
    for (const Operator& sign : kSigns) {
      if (m_text.compare(m_at, 2, "!=") == 0 || !accept(sign.text)) continue;
      CUBELOOM_TRY(expression(sign.precedence));
      return emit({sign.code, 0, 0}, 1);
    }
    if (m_at >= m_text.size()) return wrong("a number, a band or a function");
    const char c = m_text[m_at];
    if (std::isdigit(static_cast<unsigned char>(c)) || c == '.') return number();
    if (std::isalpha(static_cast<unsigned char>(c)) || c == '_') return name();
    return wrong("a number, a band or a function");
  }

  /// The longest number that begins here.
  std::optional<double> readNumber() {
    std::size_t end = m_at;
    const auto digits = [&] {
      while (end < m_text.size() && std::isdigit(static_cast<unsigned char>(m_text[end]))) ++end;
    };
    digits();
    if (end < m_text.size() && m_text[end] == '.') {
      ++end;
      digits();
    }
    if (end < m_text.size() && (m_text[end] == 'e' || m_text[end] == 'E')) {
      std::size_t exponent = end + 1;
      if (exponent < m_text.size() && (m_text[exponent] == '+' || m_text[exponent] == '-')) ++exponent;
      if (exponent < m_text.size() && std::isdigit(static_cast<unsigned char>(m_text[exponent]))) {
        end = exponent;
        digits();
      }
    }
    const auto value = parseNumber(m_text.substr(m_at, end - m_at));
    if (value) m_at = end;
    return value;
  }

  Result<void> number() {
    const auto value = readNumber();
    if (!value) return wrong("a number");
    return emit({Code::Constant, *value, 0}, 0);
  }

  std::string word() {
    std::size_t end = m_at;
    while (end < m_text.size() && isWordCharacter(m_text[end])) ++end;
    return m_text.substr(m_at, end - m_at);
  }

  Result<void> name() {
    std::string name = word();
    const std::size_t start = m_at;
    if (name == "pi" || name == "e" || name == "nan") {
      m_at += name.size();
      return emit({Code::Constant, name == "pi" ? std::numbers::pi : name == "e" ? std::numbers::e : NAN, 0}, 0);
    }
    int input = 0;
    if (name.size() > 2 && name.starts_with("in") && start + name.size() < m_text.size() && m_text[start + name.size()] == '.') {
      const auto which = parseInteger(name.substr(2));
      if (!which || *which < 1 || *which > 64) return wrong("in1., in2., ...");
      input = static_cast<int>(*which) - 1;
      m_at += name.size() + 1;
      name = word();
    }
    if (name == "x") {
      m_at += 1;
      return variable({.kind = ExpressionVariable::Kind::Whole, .input = input});
    }
    if (name == "nm") return wavelength(input);
    if (name == "band") return bandName(input);
    if (name.size() > 1 && name[0] == 'b')
      if (const auto band = parseInteger(name.substr(1))) {
        m_at += name.size();
        return variable({.kind = ExpressionVariable::Kind::Band, .input = input, .band = *band});
      }
    if (m_at == start) return call(name);
    return wrong("b1, nm(865), band(\"B04\") or x after 'in" + std::to_string(input + 1) + ".'");
  }

  Result<void> wavelength(int input) {
    m_at += 2;
    if (!accept("(")) return wrong("'(' after nm");
    skipBlanks();
    const auto nm = readNumber();
    if (!nm) return wrong("a wavelength in nm");
    if (!accept(")")) return wrong("')'");
    return variable({.kind = ExpressionVariable::Kind::Wavelength, .input = input, .nm = *nm});
  }

  /// band("B04"): a name in single or double quotes.
  Result<void> bandName(int input) {
    m_at += 4;
    if (!accept("(")) return wrong("'(' after band");
    skipBlanks();
    const char quote = m_at < m_text.size() ? m_text[m_at] : '\0';
    const auto end = quote == '"' || quote == '\'' ? m_text.find(quote, m_at + 1) : std::string::npos;
    if (end == std::string::npos) return wrong("a band's name in quotes, as in band(\"B04\")");
    std::string name = m_text.substr(m_at + 1, end - m_at - 1);
    m_at = end + 1;
    if (!accept(")")) return wrong("')'");
    return variable({.kind = ExpressionVariable::Kind::Name, .input = input, .name = std::move(name)});
  }

  Result<void> variable(const ExpressionVariable& wanted) {
    auto& known = m_result.m_variables;
    std::size_t place = 0;
    while (place < known.size() && !(known[place] == wanted)) ++place;
    if (place == known.size()) known.push_back(wanted);
    return emit({Code::Variable, 0, static_cast<int>(place)}, 0);
  }

  Result<void> call(const std::string& name) {
    for (const Function& function : kFunctions) {
      if (name != function.name) continue;
      m_at += name.size();
      if (!accept("(")) return wrong("'(' after " + name);
      return function.arguments == kAny ? anyArguments(function) : arguments(function);
    }
    std::vector<std::string> known;
    known.reserve(std::size(kFunctions));
    for (const Function& function : kFunctions) known.emplace_back(function.name);
    const auto match = closestMatch(name, known);
    return wrong("a band (b7, nm(865)), x, or a function" + (match ? "; did you mean " + *match + "?" : std::string()));
  }

  Result<void> arguments(const Function& function) {
    const std::string takes = std::string(function.name) + " takes " + std::to_string(function.arguments) +
                              (function.arguments == 1 ? " argument" : " arguments");
    for (int i = 0; i < function.arguments; ++i) {
      if (i > 0 && !accept(",")) return wrong("',': " + takes);
      CUBELOOM_TRY(expression(0));
    }
    if (!accept(")")) return wrong("')': " + takes);
    return emit({function.code, 0, 0}, function.arguments);
  }

  /// One after the other into what those before have made.
  Result<void> anyArguments(const Function& function) {
    int count = 0;
    do {
      CUBELOOM_TRY(expression(0));
      if (++count > kMaxArguments) return wrong("at most " + std::to_string(kMaxArguments) + " arguments");
      if (count > 1) CUBELOOM_TRY(emit({function.code, 0, 0}, 2));
    } while (accept(","));
    if (!accept(")")) return wrong("',' or ')'");
    m_isComparison = false;
    if (function.code != Code::Add) return {};
    CUBELOOM_TRY(emit({Code::Constant, static_cast<double>(count), 0}, 0));
    return emit({Code::Divide, 0, 0}, 2);
  }

  bool m_isComparison = false;  ///< the expression read last ends in a comparison without parentheses
  const std::string& m_text;
  std::size_t m_offset, m_at = 0;
  int m_level = 0, m_stack = 0;
  Expression m_result;
};

Result<Expression> Expression::parse(const std::string& text) { return ExpressionParser(text).parse(); }

std::vector<ExpressionWord> expressionWords() {
  std::vector<ExpressionWord> words(kOperands.begin(), kOperands.end());
  std::vector<Operator> operators(kOperators.begin(), kOperators.end());
  operators.insert(operators.end(), kSigns.begin(), kSigns.end());
  std::stable_sort(operators.begin(), operators.end(), [](const Operator& a, const Operator& b) { return a.precedence < b.precedence; });
  for (const Operator& one : operators) words.push_back({"operator", one.text, one.form, one.help});
  for (const Function& one : kFunctions) words.push_back({"function", one.name, one.form, one.help});
  return words;
}

namespace {

/// One of several expressions as it is written.
struct WrittenExpression {
  std::string name, text;
  std::size_t offset = 0;  ///< of `text`, in all of it
};

/// Cuts at ';' outside of quotes, and each part at the '=' behind a name.
std::vector<WrittenExpression> writtenExpressions(const std::string& all) {
  std::vector<WrittenExpression> parts;
  char quote = 0;
  for (std::size_t begin = 0, i = 0; i <= all.size(); ++i) {
    const char c = i < all.size() ? all[i] : ';';
    if (quote != 0 && i < all.size()) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '"' || c == '\'') quote = c;
    if (c != ';') continue;
    WrittenExpression part{{}, all.substr(begin, i - begin), begin};
    const auto first = part.text.find_first_not_of(" \t\n");
    std::size_t end = first == std::string::npos || std::isdigit(static_cast<unsigned char>(part.text[first])) ? 0 : first;
    while (end < part.text.size() && first != std::string::npos && isWordCharacter(part.text[end])) ++end;
    const auto equals = part.text.find_first_not_of(" \t\n", end);
    if (first != std::string::npos && end > first && equals != std::string::npos && part.text[equals] == '=' &&
        part.text.compare(equals, 2, "==") != 0) {
      part.name = part.text.substr(first, end - first);
      part.text.erase(0, equals + 1);
      part.offset += equals + 1;
    }
    if (first != std::string::npos || i < all.size() || parts.empty()) parts.push_back(std::move(part));  // nothing follows a last ';'
    begin = i + 1;
  }
  return parts;
}

}  // namespace

Result<std::vector<NamedExpression>> parseExpressions(const std::string& text) {
  if (text.size() > kMaxText)
    return invalidParameter("expression", "the expression has " + std::to_string(text.size()) + " characters, at most " +
                                              std::to_string(kMaxText) + " are read");
  std::vector<NamedExpression> expressions;
  const auto parts = writtenExpressions(text);
  for (const WrittenExpression& part : parts) {
    const std::string place = "at position " + std::to_string(part.offset + 1) + " ";
    if (part.name.empty() && parts.size() > 1)
      return invalidParameter("expression", place + "begins an expression without a name",
                              "several are written as name=expression; name=expression");
    for (const NamedExpression& other : expressions)
      if (other.name == part.name) return invalidParameter("expression", "two expressions are called '" + part.name + "'", "names differ");
    auto expression = ExpressionParser(part.text, part.offset).parse();
    if (!expression) return fail(expression.error());
    expressions.push_back({part.name, std::move(*expression)});
  }
  return expressions;
}

}  // namespace cubeloom
