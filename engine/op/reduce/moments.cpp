// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/reduce/moments.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/base/vector_clones.h"
#include "engine/op/reduce/valid_values.h"

namespace cubeloom {
namespace {

/// Part of the result's definition, not of a processor: the order of additions follows from it.
constexpr std::size_t kLanes = 32;
using Lanes = std::array<double, kLanes>;

template <class T>
constexpr T lowest() {
  return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
}
template <class T>
constexpr T highest() {
  return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
}

/// Pairs of lanes, pairs of pairs, and so on.
template <class V, class F>
V folded(std::array<V, kLanes> lanes, F&& f) {
  for (std::size_t half = kLanes / 2; half > 0; half /= 2)
    for (std::size_t l = 0; l < half; ++l) lanes[l] = f(lanes[l], lanes[l + half]);
  return lanes[0];
}
double added(const Lanes& lanes) {
  return folded(lanes, [](double a, double b) { return a + b; });
}

/// What a set's sums are counted from: its first value. Far out, differences would overflow before the sums do.
inline double originAt(double first) { return std::abs(first) < 1e150 ? first : 0.0; }

template <class T>
struct RunLanes {
  Lanes count{}, sum{};
  std::array<T, kLanes> low, high;
};

template <class T>
CUBELOOM_VECTOR_CLONES void addToLanes(const T* values, std::size_t n, const ValidValues<T>& isValid, double origin, RunLanes<T>& lanes) {
  double* __restrict count = lanes.count.data();
  double* __restrict sum = lanes.sum.data();
  T* __restrict low = lanes.low.data();
  T* __restrict high = lanes.high.data();
  const ValidValues<T> valid = isValid;
  for (; n > 0; values += kLanes, n -= std::min(n, kLanes)) {
    const std::size_t width = std::min(n, kLanes);
    const auto add = [&](std::size_t l) {
      const T v = values[l];
      const bool counts = valid(v);
      count[l] += counts ? 1.0 : 0.0;
      sum[l] += counts ? static_cast<double>(v) - origin : 0.0;
      low[l] = (counts & (v < low[l])) ? v : low[l];
      high[l] = (counts & (v > high[l])) ? v : high[l];
    };
    if (width == kLanes)
      for (std::size_t l = 0; l < kLanes; ++l) add(l);
    else
      for (std::size_t l = 0; l < width; ++l) add(l);
  }
}

template <class T>
CUBELOOM_VECTOR_CLONES void addSquares(const T* values, std::size_t n, const ValidValues<T>& isValid, double origin, double mean,
                                       Lanes& lanes) {
  double* __restrict squares = lanes.data();
  const ValidValues<T> valid = isValid;
  for (; n > 0; values += kLanes, n -= std::min(n, kLanes)) {
    const std::size_t width = std::min(n, kLanes);
    const auto add = [&](std::size_t l) {
      const double d = static_cast<double>(values[l]) - origin - mean;
      squares[l] += valid(values[l]) ? d * d : 0.0;
    };
    if (width == kLanes)
      for (std::size_t l = 0; l < kLanes; ++l) add(l);
    else
      for (std::size_t l = 0; l < width; ++l) add(l);
  }
}

/// A set without values so far takes its origin from this one.
template <class T>
CUBELOOM_VECTOR_CLONES void addRowSums(const T* __restrict values, std::size_t n, const ValidValues<T>& isValid, double* __restrict count,
                                       double* __restrict origin, double* __restrict sum) {
  const ValidValues<T> valid = isValid;
  for (std::size_t i = 0; i < n; ++i) {
    const auto v = static_cast<double>(values[i]);
    const bool counts = valid(values[i]);
    origin[i] = (counts & (count[i] == 0.0)) ? originAt(v) : origin[i];
    count[i] += counts ? 1.0 : 0.0;
    sum[i] += counts ? v - origin[i] : 0.0;
  }
}

template <class T>
CUBELOOM_VECTOR_CLONES void addRowCounts(const T* __restrict values, std::size_t n, const ValidValues<T>& isValid,
                                         double* __restrict count) {
  const ValidValues<T> valid = isValid;
  for (std::size_t i = 0; i < n; ++i) count[i] += valid(values[i]) ? 1.0 : 0.0;
}

template <class T>
CUBELOOM_VECTOR_CLONES void addRowRange(const T* __restrict values, std::size_t n, const ValidValues<T>& isValid, T* __restrict low,
                                        T* __restrict high) {
  const ValidValues<T> valid = isValid;
  for (std::size_t i = 0; i < n; ++i) {
    const bool counts = valid(values[i]);
    low[i] = (counts & (values[i] < low[i])) ? values[i] : low[i];
    high[i] = (counts & (values[i] > high[i])) ? values[i] : high[i];
  }
}

/// After addRowSums(): `count` and `sum` already hold the new values.
template <class T>
CUBELOOM_VECTOR_CLONES void addRowSquares(const T* __restrict values, std::size_t n, const ValidValues<T>& isValid,
                                          const double* __restrict count, const double* __restrict origin, const double* __restrict sum,
                                          double* __restrict squares) {
  const ValidValues<T> valid = isValid;
  for (std::size_t i = 0; i < n; ++i) {
    const double d = count[i] * (static_cast<double>(values[i]) - origin[i]) - sum[i];
    const bool counts = valid(values[i]) & (count[i] > 1.0);
    const double weight = count[i] * (count[i] - 1.0);
    squares[i] += counts ? d * d / (counts ? weight : 1.0) : 0.0;
  }
}

template <class T>
class TypedMoments : public Moments {
 public:
  TypedMoments(PixelType type, const std::optional<double>& nodata, const ReducedDims& dims, std::size_t sets, const MomentNeeds& needs)
      : m_dims(dims), m_valid(type, nodata), m_needs(needs), m_type(type), m_count(sets, 0.0) {
    if (needs.sum) {
      m_origin.assign(sets, 0.0);
      m_sum.assign(sets, 0.0);
    }
    if (needs.squares) m_squares.assign(sets, 0.0);
    if (needs.range) {
      m_low.assign(sets, highest<T>());
      m_high.assign(sets, lowest<T>());
    }
  }

  Result<void> add(const BlockView& input) override {
    forEachSpan<T>(
        input, m_dims, [this](std::size_t set, const T* values, std::size_t n) { addRun(set, values, n); },
        [this](std::size_t first, const T* values, std::size_t n) { addRow(first, values, n); });
    return {};
  }

  void merge(const Accumulator& later) override {
    const auto& other = static_cast<const TypedMoments&>(later);
    for (std::size_t i = 0; i < m_count.size(); ++i) mergeSet(i, other);
  }

  void carry(StateCarrier& state) override {
    for (auto* doubles : {&m_count, &m_origin, &m_sum, &m_squares}) state.all(*doubles);
    state.all(m_low);
    state.all(m_high);
  }
  std::size_t bytes() const override { return m_count.size() * momentBytes(m_needs, m_type); }

  Moment moment(std::size_t set) const override {
    Moment m;
    m.count = m_count[set];
    if (m_needs.sum) {
      m.sum = m.count * m_origin[set] + m_sum[set];
      m.mean = m_origin[set] + m_sum[set] / m.count;
    }
    if (m_needs.squares) m.squares = m_squares[set];
    if (m_needs.range) {
      m.low = static_cast<double>(m_low[set]);
      m.high = static_cast<double>(m_high[set]);
    }
    return m;
  }

  void writeExtreme(std::size_t set, bool isGreatest, std::byte* out) const override {
    *reinterpret_cast<T*>(out) = isGreatest ? m_high[set] : m_low[set];
  }

 private:
  void addRun(std::size_t set, const T* values, std::size_t n) {
    if (m_needs.sum && m_count[set] == 0) {
      const T* first = std::find_if(values, values + n, m_valid);
      if (first != values + n) m_origin[set] = originAt(static_cast<double>(*first));
    }
    const double origin = m_needs.sum ? m_origin[set] : 0.0;
    RunLanes<T> lanes;
    lanes.low.fill(highest<T>());
    lanes.high.fill(lowest<T>());
    addToLanes(values, n, m_valid, origin, lanes);
    const double count = added(lanes.count);
    if (count == 0) return;
    if (m_needs.range)
      widen(set, folded(lanes.low, [](T a, T b) { return std::min(a, b); }), folded(lanes.high, [](T a, T b) { return std::max(a, b); }));
    const double sum = added(lanes.sum);
    double squares = 0;
    if (m_needs.squares) {
      Lanes around{};
      addSquares(values, n, m_valid, origin, sum / count, around);
      squares = added(around);
    }
    append(set, count, sum, squares);
  }

  void addRow(std::size_t first, const T* values, std::size_t n) {
    if (m_needs.sum)
      addRowSums(values, n, m_valid, &m_count[first], &m_origin[first], &m_sum[first]);
    else
      addRowCounts(values, n, m_valid, &m_count[first]);
    if (m_needs.squares) addRowSquares(values, n, m_valid, &m_count[first], &m_origin[first], &m_sum[first], &m_squares[first]);
    if (m_needs.range) addRowRange(values, n, m_valid, &m_low[first], &m_high[first]);
  }

  void mergeSet(std::size_t set, const TypedMoments& other) {
    const double count = other.m_count[set];
    if (count == 0) return;
    if (m_needs.range) widen(set, other.m_low[set], other.m_high[set]);
    double sum = 0;
    if (m_needs.sum) {
      if (m_count[set] == 0) m_origin[set] = other.m_origin[set];
      sum = other.m_sum[set] + count * (other.m_origin[set] - m_origin[set]);
    }
    append(set, count, sum, m_needs.squares ? other.m_squares[set] : 0.0);
  }

  void widen(std::size_t set, T low, T high) {
    m_low[set] = std::min(m_low[set], low);
    m_high[set] = std::max(m_high[set], high);
  }

  /// `sum` is counted from the set's origin.
  void append(std::size_t set, double count, double sum, double squares) {
    const double before = m_count[set];
    if (m_needs.squares) {
      if (before > 0) {
        const double d = sum / count - m_sum[set] / before;
        squares += d * d * (before * count / (before + count));
      }
      m_squares[set] += squares;
    }
    if (m_needs.sum) m_sum[set] += sum;
    m_count[set] = before + count;
  }

  const ReducedDims& m_dims;
  ValidValues<T> m_valid;
  MomentNeeds m_needs;
  PixelType m_type;
  std::vector<double> m_count, m_origin, m_sum, m_squares;
  std::vector<T> m_low, m_high;
};

}  // namespace

std::size_t momentBytes(const MomentNeeds& needs, PixelType type) {
  std::size_t bytes = sizeof(double);
  if (needs.sum) bytes += 2 * sizeof(double);
  if (needs.squares) bytes += sizeof(double);
  if (needs.range) bytes += 2 * pixelTypeBytes(type);
  return bytes;
}

std::unique_ptr<Moments> makeMoments(PixelType type, const std::optional<double>& nodata, const ReducedDims& dims, std::size_t sets,
                                     const MomentNeeds& needs) {
  return dispatchRealType(type, [&](auto sample) -> std::unique_ptr<Moments> {
    return std::make_unique<TypedMoments<decltype(sample)>>(type, nodata, dims, sets, needs);
  });
}

}  // namespace cubeloom
