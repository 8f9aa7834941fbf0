// SPDX-License-Identifier: GPL-3.0-or-later
// From text to steps: a Pratt parser that emits the stack machine's code as it goes.
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

struct Function {
  const char* name;
  Code code;
  int arguments;
};

constexpr std::array<Function, 26> kFunctions{
    {{"abs", Code::Abs, 1},        {"sqrt", Code::Sqrt, 1},   {"exp", Code::Exp, 1},   {"log", Code::Log, 1},
     {"log10", Code::Log10, 1},    {"log2", Code::Log2, 1},   {"sin", Code::Sin, 1},   {"cos", Code::Cos, 1},
     {"tan", Code::Tan, 1},        {"asin", Code::Asin, 1},   {"acos", Code::Acos, 1}, {"atan", Code::Atan, 1},
     {"atan2", Code::Atan2, 2},    {"floor", Code::Floor, 1}, {"ceil", Code::Ceil, 1}, {"round", Code::Round, 1},
     {"min", Code::Min, 2},        {"max", Code::Max, 2},     {"pow", Code::Power, 2}, {"clamp", Code::Clamp, 3},
     {"where", Code::Select, 3},   {"isnan", Code::IsNan, 1}, {"if", Code::Select, 3}, {"mod", Code::Modulo, 2},
     {"isnodata", Code::IsNan, 1}, {"fill", Code::Fill, 2}}};

struct Operator {
  const char* text;
  Code code;
  int precedence;
};

// Longer texts first, so that "<=" is not read as "<".
constexpr std::array<Operator, 16> kOperators{{{"**", Code::Power, 9},
                                               {"<=", Code::LessEqual, 5},
                                               {">=", Code::GreaterEqual, 5},
                                               {"==", Code::Equal, 4},
                                               {"!=", Code::NotEqual, 4},
                                               {"&&", Code::And, 3},
                                               {"||", Code::Or, 2},
                                               {"^", Code::Power, 9},
                                               {"<", Code::Less, 5},
                                               {">", Code::Greater, 5},
                                               {"+", Code::Add, 6},
                                               {"-", Code::Subtract, 6},
                                               {"*", Code::Multiply, 7},
                                               {"/", Code::Divide, 7},
                                               {"%", Code::Modulo, 7},
                                               {"?", Code::Select, 1}}};
constexpr int kUnaryPrecedence = 8, kOrderPrecedence = 5, kEqualityPrecedence = 4;

}  // namespace

class ExpressionParser {
 public:
  explicit ExpressionParser(const std::string& text) : m_text(text) {}

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
    return invalidParameter("expression", "at position " + std::to_string(m_at + 1) + " stands " + found + ", expected " + expected,
                            "example: (nm(865) - nm(650)) / (nm(865) + nm(650))");
  }

  /// `1 < x < 5` is two comparisons in Python, `(1 < x) < 5` in C, and an error in numpy.
  Failure comparedTwice() const {
    return invalidParameter("expression",
                            "at position " + std::to_string(m_at + 1) + " the result of a comparison, 0 or 1, would be compared again",
                            "write both with &&: a < x && x < b; or set parentheses");
  }

  void skipBlanks() {
    while (m_at < m_text.size() && std::isspace(static_cast<unsigned char>(m_text[m_at]))) ++m_at;
  }

  bool accept(const std::string& text) {
    skipBlanks();
    if (m_text.compare(m_at, text.size(), text) != 0) return false;
    m_at += text.size();
    return true;
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
      if (m_text.compare(m_at, std::string_view(op.text).size(), op.text) == 0) return &op;
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
    if (accept("-")) {
      CUBELOOM_TRY(expression(kUnaryPrecedence));
      return emit({Code::Negate, 0, 0}, 1);
    }
    if (accept("+")) return expression(kUnaryPrecedence);
    if (m_text.compare(m_at, 2, "!=") != 0 && accept("!")) {
      CUBELOOM_TRY(expression(kUnaryPrecedence));
      return emit({Code::Not, 0, 0}, 1);
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
    while (end < m_text.size() && (std::isalnum(static_cast<unsigned char>(m_text[end])) || m_text[end] == '_')) ++end;
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
      return variable({ExpressionVariable::Kind::Whole, input, 0, 0});
    }
    if (name == "nm") return wavelength(input);
    if (name.size() > 1 && name[0] == 'b')
      if (const auto band = parseInteger(name.substr(1))) {
        m_at += name.size();
        return variable({ExpressionVariable::Kind::Band, input, *band, 0});
      }
    if (m_at == start) return call(name);
    return wrong("b1, nm(865) or x after 'in" + std::to_string(input + 1) + ".'");
  }

  Result<void> wavelength(int input) {
    m_at += 2;
    if (!accept("(")) return wrong("'(' after nm");
    skipBlanks();
    const auto nm = readNumber();
    if (!nm) return wrong("a wavelength in nm");
    if (!accept(")")) return wrong("')'");
    return variable({ExpressionVariable::Kind::Wavelength, input, 0, *nm});
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
      for (int i = 0; i < function.arguments; ++i) {
        if (i > 0 && !accept(",")) return wrong("',': " + name + " takes " + std::to_string(function.arguments) + " arguments");
        CUBELOOM_TRY(expression(0));
      }
      if (!accept(")")) return wrong("')': " + name + " takes " + std::to_string(function.arguments) + " arguments");
      return emit({function.code, 0, 0}, function.arguments);
    }
    return wrong("a band (b7, nm(865)), x, or a function");
  }

  bool m_isComparison = false;  ///< the expression read last ends in a comparison without parentheses
  const std::string& m_text;
  std::size_t m_at = 0;
  int m_level = 0, m_stack = 0;
  Expression m_result;
};

Result<Expression> Expression::parse(const std::string& text) { return ExpressionParser(text).parse(); }

}  // namespace cubeloom
