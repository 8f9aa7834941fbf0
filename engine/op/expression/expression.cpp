// SPDX-License-Identifier: GPL-3.0-or-later
// The stack machine: one operation at a time over a span of pixels, so that the inner loops vectorise.
#include "engine/op/expression/expression.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

namespace cubeloom {
namespace {

using Code = Expression::Step::Code;

template <class T, class F>
void unary(T* a, std::size_t n, F&& f) {
  for (std::size_t i = 0; i < n; ++i) a[i] = f(a[i]);
}

template <class T, class F>
void binary(T* a, const T* b, std::size_t n, F&& f) {
  for (std::size_t i = 0; i < n; ++i) a[i] = f(a[i], b[i]);
}

/// The whole number that a value is; nothing where it is none, or one of more than 53 bits.
template <class T>
bool isWholeNumber(T v) {
  constexpr T kMost = 9007199254740992;  // 2^53
  return std::trunc(v) == v && std::abs(v) <= kMost;
}

/// Bits as those of Python's numbers: of as many binary digits as it takes, the sign above them all.
template <class T>
T bitsOf(Code code, T x, T y) {
  if (!isWholeNumber(x) || !isWholeNumber(y)) return std::numeric_limits<T>::quiet_NaN();
  const auto a = static_cast<std::int64_t>(x), b = static_cast<std::int64_t>(y);
  switch (code) {
    case Code::BitAnd: return static_cast<T>(a & b);
    case Code::BitOr: return static_cast<T>(a | b);
    case Code::BitXor: return static_cast<T>(a ^ b);
    default: break;
  }
  constexpr std::int64_t kMost = 63;
  if (b < 0) return std::numeric_limits<T>::quiet_NaN();
  return code == Code::ShiftLeft ? std::ldexp(x, static_cast<int>(std::min<std::int64_t>(b, 2000)))
                                 : static_cast<T>(a >> std::min(b, kMost));
}

template <class T>
void applyUnary(Code code, T* a, std::size_t n) {
  switch (code) {
    case Code::Negate: return unary(a, n, [](T v) { return -v; });
    case Code::Not: return unary(a, n, [](T v) { return v != v ? v : v == T{0} ? T{1} : T{0}; });
    case Code::Abs: return unary(a, n, [](T v) { return std::abs(v); });
    case Code::Sqrt: return unary(a, n, [](T v) { return std::sqrt(v); });
    case Code::Exp: return unary(a, n, [](T v) { return std::exp(v); });
    case Code::Log: return unary(a, n, [](T v) { return std::log(v); });
    case Code::Log10: return unary(a, n, [](T v) { return std::log10(v); });
    case Code::Log2: return unary(a, n, [](T v) { return std::log2(v); });
    case Code::Sin: return unary(a, n, [](T v) { return std::sin(v); });
    case Code::Cos: return unary(a, n, [](T v) { return std::cos(v); });
    case Code::Tan: return unary(a, n, [](T v) { return std::tan(v); });
    case Code::Asin: return unary(a, n, [](T v) { return std::asin(v); });
    case Code::Acos: return unary(a, n, [](T v) { return std::acos(v); });
    case Code::Atan: return unary(a, n, [](T v) { return std::atan(v); });
    case Code::Floor: return unary(a, n, [](T v) { return std::floor(v); });
    case Code::Ceil: return unary(a, n, [](T v) { return std::ceil(v); });
    case Code::Round: return unary(a, n, [](T v) { return std::nearbyint(v); });
    case Code::BitNot: return unary(a, n, [](T v) { return isWholeNumber(v) ? -v - 1 : std::numeric_limits<T>::quiet_NaN(); });
    default: return unary(a, n, [](T v) { return v != v ? T{1} : T{0}; });
  }
}

/// As numpy's: exact, with the sign of the divisor.
template <class T>
T modulo(T x, T y) {
  const T rest = std::fmod(x, y);
  if (rest == T{0}) return std::copysign(T{0}, y);
  return (rest < T{0}) != (y < T{0}) ? rest + y : rest;
}

template <class T>
void applyBinary(Code code, T* a, const T* b, std::size_t n) {
  constexpr T kMissing = std::numeric_limits<T>::quiet_NaN();
  const auto isMissing = [](T x, T y) { return x != x || y != y; };
  const auto compare = [&](auto holds) {
    binary(a, b, n, [=](T x, T y) { return isMissing(x, y) ? kMissing : holds(x, y) ? T{1} : T{0}; });
  };
  switch (code) {
    case Code::Add: return binary(a, b, n, [](T x, T y) { return x + y; });
    case Code::Subtract: return binary(a, b, n, [](T x, T y) { return x - y; });
    case Code::Multiply: return binary(a, b, n, [](T x, T y) { return x * y; });
    case Code::Divide: return binary(a, b, n, [](T x, T y) { return x / y; });
    case Code::Modulo: return binary(a, b, n, modulo<T>);
    case Code::Power: return binary(a, b, n, [&](T x, T y) { return isMissing(x, y) ? kMissing : std::pow(x, y); });
    case Code::Less: return compare(std::less<T>());
    case Code::LessEqual: return compare(std::less_equal<T>());
    case Code::Greater: return compare(std::greater<T>());
    case Code::GreaterEqual: return compare(std::greater_equal<T>());
    case Code::Equal: return compare(std::equal_to<T>());
    case Code::NotEqual: return compare(std::not_equal_to<T>());
    case Code::And: return binary(a, b, n, [&](T x, T y) { return x == T{0} || y == T{0} ? T{0} : isMissing(x, y) ? kMissing : T{1}; });
    case Code::Or:
      return binary(a, b, n, [](T x, T y) { return std::abs(x) > T{0} || std::abs(y) > T{0} ? T{1} : x + y; });  // else 0 or NaN each
    case Code::Min: return binary(a, b, n, [](T x, T y) { return x < y || x != x ? x : y; });
    case Code::Max: return binary(a, b, n, [](T x, T y) { return x > y || x != x ? x : y; });
    case Code::Fill: return binary(a, b, n, [](T x, T y) { return x != x ? y : x; });
    case Code::BitAnd:
    case Code::BitOr:
    case Code::BitXor:
    case Code::ShiftLeft:
    case Code::ShiftRight: return binary(a, b, n, [code](T x, T y) { return bitsOf(code, x, y); });
    default: return binary(a, b, n, [](T x, T y) { return std::atan2(x, y); });
  }
}

/// `a` holds the condition and takes the value; b and c follow.
template <class T>
void select(T* a, const T* b, const T* c, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) a[i] = a[i] != a[i] ? a[i] : a[i] != T{0} ? b[i] : c[i];
}

int operands(Code code) {
  switch (code) {
    case Code::Constant:
    case Code::Variable: return 0;
    case Code::Select:
    case Code::Clamp: return 3;
    case Code::Negate:
    case Code::Not:
    case Code::Abs:
    case Code::Sqrt:
    case Code::Exp:
    case Code::Log:
    case Code::Log10:
    case Code::Log2:
    case Code::Sin:
    case Code::Cos:
    case Code::Tan:
    case Code::Asin:
    case Code::Acos:
    case Code::Atan:
    case Code::Floor:
    case Code::Ceil:
    case Code::Round:
    case Code::BitNot:
    case Code::IsNan: return 1;
    default: return 2;
  }
}

bool isOfBits(Code code) { return code >= Code::BitAnd && code <= Code::ShiftRight; }

/// Whether a step's result is a whole number where its operands are as `isWhole` says.
bool givesWhole(Code code, const std::vector<bool>& isWhole) {
  switch (code) {
    case Code::Less:
    case Code::LessEqual:
    case Code::Greater:
    case Code::GreaterEqual:
    case Code::Equal:
    case Code::NotEqual:
    case Code::And:
    case Code::Or:
    case Code::Not:
    case Code::IsNan:
    case Code::Floor:
    case Code::Ceil:
    case Code::Round: return true;
    case Code::Negate:
    case Code::Abs:
    case Code::Add:
    case Code::Subtract:
    case Code::Multiply:
    case Code::Modulo:
    case Code::Power:  // of a negative exponent it is none, and then NaN
    case Code::Min:
    case Code::Max:
    case Code::Clamp:
    case Code::Fill: return std::find(isWhole.begin(), isWhole.end(), false) == isWhole.end();
    case Code::Select: return isWhole[1] && isWhole[2];
    default: return isOfBits(code);
  }
}

}  // namespace

bool Expression::usesBits() const {
  return std::any_of(m_steps.begin(), m_steps.end(), [](const Step& step) { return isOfBits(step.code); });
}

Result<void> Expression::checkBits(const std::vector<bool>& isWhole) const {
  std::vector<bool> stack;
  for (const Step& step : m_steps) {
    if (step.code == Code::Constant) {
      stack.push_back(!(std::trunc(step.constant) < step.constant) && !(std::trunc(step.constant) > step.constant));
      continue;
    }
    if (step.code == Code::Variable) {
      stack.push_back(isWhole[static_cast<std::size_t>(step.variable)]);
      continue;
    }
    const std::vector<bool> taken(stack.end() - operands(step.code), stack.end());
    stack.resize(stack.size() - taken.size());
    if (isOfBits(step.code) && std::find(taken.begin(), taken.end(), false) != taken.end())
      return invalidParameter("expression", "the bits of a number are asked for that may not be a whole one",
                              "round it before, as in round(b1) & 3; conditions are joined with && and ||");
    stack.push_back(givesWhole(step.code, taken));
  }
  return {};
}

template <class T>
void Expression::evaluate(const std::vector<const T*>& inputs, T* out, std::size_t count, std::vector<T>& scratch) const {
  constexpr std::size_t kSpan = 1024;  // a stack of spans stays in the first-level cache
  scratch.resize(kSpan * static_cast<std::size_t>(m_depth));
  for (std::size_t first = 0; first < count; first += kSpan) {
    const std::size_t n = std::min(kSpan, count - first);
    std::size_t top = 0;
    for (const Step& step : m_steps) {
      const int taken = operands(step.code);
      T* a = scratch.data() + (top - static_cast<std::size_t>(taken)) * kSpan;
      if (step.code == Step::Code::Constant) {
        std::fill(a, a + n, static_cast<T>(step.constant));
      } else if (step.code == Step::Code::Variable) {
        std::copy_n(inputs[static_cast<std::size_t>(step.variable)] + first, n, a);
      } else if (taken == 1) {
        applyUnary(step.code, a, n);
      } else if (taken == 2) {
        applyBinary(step.code, a, a + kSpan, n);
      } else if (step.code == Step::Code::Select) {
        select(a, a + kSpan, a + 2 * kSpan, n);
      } else {
        applyBinary(Code::Max, a, a + kSpan, n);
        applyBinary(Code::Min, a, a + 2 * kSpan, n);
      }
      top = top - static_cast<std::size_t>(taken) + 1;
    }
    std::copy_n(scratch.data(), n, out + first);
  }
}

template void Expression::evaluate<float>(const std::vector<const float*>&, float*, std::size_t, std::vector<float>&) const;
template void Expression::evaluate<double>(const std::vector<const double*>&, double*, std::size_t, std::vector<double>&) const;

}  // namespace cubeloom
