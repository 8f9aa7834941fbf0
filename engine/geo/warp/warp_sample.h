// SPDX-License-Identifier: GPL-3.0-or-later
// Reading validity and writing results as gdalwarp does: what every kernel of the warp shares.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <optional>

#include "engine/base/pixel_type.h"
#include "engine/geo/warp/warp.h"

namespace cubeloom {

template <class T>
bool isNan([[maybe_unused]] T value) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::isnan(value);
  } else {
    return false;
  }
}

/// The pixels of a plane that count; made for one pixel type and nodata value.
template <class T>
class Validity {
 public:
  explicit Validity(std::optional<double> nodata) {
    if (!nodata) return;
    if constexpr (std::is_integral_v<T>) {
      const bool fits = std::trunc(*nodata) == *nodata && *nodata >= static_cast<double>(std::numeric_limits<T>::lowest()) &&
                        *nodata < std::ldexp(1.0, std::numeric_limits<T>::digits);
      if (!fits) return;
    }
    m_nodata = static_cast<T>(*nodata);
    m_isSet = true;
    m_isNan = std::isnan(*nodata);
  }
  /// Whether any value is invalid at all.
  bool isSet() const { return m_isSet; }
  bool isValid(T value) const { return m_isNan ? !cubeloom::isNan(value) : value != m_nodata; }
  T nodata() const { return m_nodata; }
  bool isNan() const { return m_isNan; }

 private:
  T m_nodata{};
  bool m_isSet = false, m_isNan = false;
};

/// What Validity tells of one kind of nodata, so that a loop over pixels asks for nothing else.
struct Everything {
  bool isValid(auto /*value*/) const { return true; }
};
struct IsNumber {
  bool isValid(auto value) const { return !isNan(value); }
};
template <class T>
struct IsNot {
  T nodata;
  bool isValid(T value) const { return value != nodata; }
};

/// Calls `use` with the kind that `validity` is.
template <class T, class Use>
void withKind(const Validity<T>& validity, Use&& use) {
  if (!validity.isSet()) {
    use(Everything{});
  } else if (validity.isNan()) {
    use(IsNumber{});
  } else {
    use(IsNot<T>{validity.nodata()});
  }
}

/// The same, and no NaN: it is a gap, whatever else is declared. Looked at where a value came out as NaN, so that whole pixels cost
/// nothing.
template <class T>
class GapValidity {
 public:
  explicit GapValidity(const Validity<T>& declared) : m_declared(declared) {}
  /// Whether this may tell more than the declared one does.
  bool isStricter() const { return std::is_floating_point_v<T> && !m_declared.isNan(); }
  bool isSet() const { return true; }
  bool isValid(T value) const { return !cubeloom::isNan(value) && (!m_declared.isSet() || m_declared.isValid(value)); }
  /// What stands where all pixels are gaps.
  T missing() const { return m_declared.isSet() ? m_declared.nodata() : std::numeric_limits<T>::quiet_NaN(); }

 private:
  Validity<T> m_declared;
};

/// What stands where there is no value: the fill where the source has ended, its nodata where none of its pixels counts.
template <class T>
struct Absent {
  Absent(double fill, const Validity<T>& validity)
      : outside(convertPixel<T>(fill)), missing(validity.isSet() ? validity.nodata() : outside) {}
  T outside, missing;
};

/// Rounds and clamps as gdalwarp, and moves a result that equals nodata by chance to its neighbour.
template <class T>
class Finish {
 public:
  explicit Finish(const Validity<T>& validity) : m_validity(validity) {}

  T operator()(double value) const {
    T result;
    if constexpr (std::is_integral_v<T>) {
      const double rounded = std::floor(value + 0.5);
      if (!(rounded > static_cast<double>(std::numeric_limits<T>::lowest()))) {
        result = std::numeric_limits<T>::lowest();
      } else if (rounded >= static_cast<double>(std::numeric_limits<T>::max())) {
        result = std::numeric_limits<T>::max();
      } else {
        result = static_cast<T>(rounded);
      }
    } else {
      result = static_cast<T>(value);
    }
    if (m_validity.isSet() && !m_validity.isNan() && result == m_validity.nodata()) return neighbour(result);
    return result;
  }

 private:
  static T neighbour(T value) {
    if constexpr (std::is_integral_v<T>) {
      return static_cast<T>(value == std::numeric_limits<T>::lowest() ? value + 1 : value - 1);
    } else {
      const T up = std::nextafter(value, std::numeric_limits<T>::infinity());
      return std::isinf(up) ? std::nextafter(value, T{0}) : up;
    }
  }
  Validity<T> m_validity;
};

}  // namespace cubeloom
