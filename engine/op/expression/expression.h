// SPDX-License-Identifier: GPL-3.0-or-later
// Band math: an expression parsed to a typed tree and evaluated over spans of pixels. No calls outside its table.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// A pixel stream an expression reads: band 7 of input 2, the band nearest to 865 nm, the band called B04, or the array itself.
struct ExpressionVariable {
  enum class Kind { Band, Wavelength, Name, Whole };
  Kind kind = Kind::Band;
  int input = 0;          ///< 0-based
  std::int64_t band = 0;  ///< 1-based, for Band
  double nm = 0;          ///< for Wavelength
  std::string name = {};  ///< for Name
  bool operator==(const ExpressionVariable&) const = default;
};

/// A word of the language, for people.
struct ExpressionWord {
  const char* kind;  ///< "operand", "operator", "function"
  const char* name;  ///< "clamp"
  const char* form;  ///< how it is written: "clamp(a, low, high)"
  const char* help;  ///< one line
};
/// All there are, from the parser's own tables: operands, then operators from the loosest to the tightest, then functions.
std::vector<ExpressionWord> expressionWords();

/// What a program in another language has to know of an array's bands.
struct BandAxis {
  std::string dim = "band";
  std::vector<std::string> names = {};  ///< of the bands; empty: not known
};

/// Immutable after parsing; evaluation is thread-safe.
class Expression {
 public:
  /// What may stand in it: expressionWords(). Comparisons give 1 or 0. InvalidParameter on 'expression' names the position and what was
  /// expected. Limits: 4,096 characters, 64 levels, 1,000 nodes.
  static Result<Expression> parse(const std::string& text);

  const std::vector<ExpressionVariable>& variables() const { return m_variables; }
  /// It asks for bits, which are those of whole numbers: values must be doubles.
  bool usesBits() const;
  /// InvalidParameter where the bits of what may be no whole number are asked for. `isWhole[i]`: variables()[i] are whole numbers.
  Result<void> checkBits(const std::vector<bool>& isWhole) const;

  /// Evaluates `count` pixels; `inputs[i]` holds those of variables()[i], NaN where they are nodata. T is float or double; operations are
  /// IEEE in T, one by one, and NaN where an operand is: comparisons and powers, too. But a choice takes of its two values the chosen one
  /// alone, && is 0 where one side is, || is 1 where one side holds, and isnan, isnodata and fill ask. Bits of what is no whole number of
  /// up to 53 bits are NaN.
  /// `scratch` is resized as needed and may be reused.
  template <class T>
  void evaluate(const std::vector<const T*>& inputs, T* out, std::size_t count, std::vector<T>& scratch) const;

  /// The same in Python, over xarray arrays called array, in2, in3, ...; their bands lie along bands[0], bands[1], ..., along "band" where
  /// nothing is said. numpy and xarray are imported.
  std::string python(const std::vector<BandAxis>& bands = {}) const;

  /// One step of the stack machine that an expression compiles to.
  struct Step {
    enum class Code : std::uint8_t {
      Constant,
      Variable,
      Negate,
      Not,
      Add,
      Subtract,
      Multiply,
      Divide,
      Modulo,
      Power,
      Less,
      LessEqual,
      Greater,
      GreaterEqual,
      Equal,
      NotEqual,
      And,
      Or,
      Select,
      Abs,
      Sqrt,
      Exp,
      Log,
      Log10,
      Log2,
      Sin,
      Cos,
      Tan,
      Asin,
      Acos,
      Atan,
      Atan2,
      Floor,
      Ceil,
      Round,
      Min,
      Max,
      Clamp,
      IsNan,
      Fill,
      BitAnd,
      BitOr,
      BitXor,
      BitNot,
      ShiftLeft,
      ShiftRight,
    };
    Code code = Code::Constant;
    double constant = 0;
    int variable = 0;
  };

 private:
  friend class ExpressionParser;
  std::vector<Step> m_steps;
  std::vector<ExpressionVariable> m_variables;
  int m_depth = 0;  ///< most values on the stack
};

/// One of several expressions, "ndvi=(b2 - b1) / (b2 + b1)".
struct NamedExpression {
  std::string name;  ///< empty: none is given
  Expression expression;
};
/// "name=expression; name=expression; ...", or one expression, which may go without a name. Names differ. InvalidParameter as parse().
Result<std::vector<NamedExpression>> parseExpressions(const std::string& text);
/// All of them in Python over the inputs' bands (none: those of "band"); several lie along the dim "band".
std::string pythonOf(const std::vector<NamedExpression>& expressions, const std::vector<BandAxis>& bands);

}  // namespace cubeloom
