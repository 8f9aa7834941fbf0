// SPDX-License-Identifier: GPL-3.0-or-later
// Band math: an expression parsed to a typed tree and evaluated over spans of pixels. No calls outside its table.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// A pixel stream an expression reads: band 7 of input 2, the band nearest to 865 nm, or the array itself.
struct ExpressionVariable {
  enum class Kind { Band, Wavelength, Whole };
  Kind kind = Kind::Band;
  int input = 0;          ///< 0-based
  std::int64_t band = 0;  ///< 1-based, for Band
  double nm = 0;          ///< for Wavelength
  bool operator==(const ExpressionVariable&) const = default;
};

/// Immutable after parsing; evaluation is thread-safe.
class Expression {
 public:
  /// Grammar: numbers, b7, nm(865), x, in2.b7, in2.nm(865), in2.x; + - * / % ** ^; < <= > >= == !=; && || !; c ? a : b; parentheses;
  /// abs sqrt exp log log10 log2 sin cos tan asin acos atan atan2 floor ceil round min max pow clamp where isnan isnodata fill; pi, e, nan.
  /// Comparisons give 1 or 0. InvalidParameter on 'expression' names the position and what was expected. Limits: 4,096 characters,
  /// 64 levels, 1,000 nodes.
  static Result<Expression> parse(const std::string& text);

  const std::vector<ExpressionVariable>& variables() const { return m_variables; }

  /// Evaluates `count` pixels; `inputs[i]` holds those of variables()[i], NaN where they are nodata. T is float or double; operations are
  /// IEEE in T, one by one, and NaN where an operand is: comparisons and powers, too. But a choice takes of its two values the chosen one
  /// alone, && is 0 where one side is, || is 1 where one side holds, and isnan, isnodata and fill ask.
  /// `scratch` is resized as needed and may be reused.
  template <class T>
  void evaluate(const std::vector<const T*>& inputs, T* out, std::size_t count, std::vector<T>& scratch) const;

  /// The same in Python, over xarray arrays called array, in2, in3, ...; bands lie along the dim `bandDim`. numpy and xarray are imported.
  std::string python(const std::string& bandDim) const;

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

}  // namespace cubeloom
