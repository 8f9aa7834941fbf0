// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/reduce/bin_counts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/base/vector_clones.h"

namespace cubeloom {
namespace {

constexpr std::size_t kBatch = 512;  // bins found before they are counted: one loop becomes vectors, the other cannot

/// The bin of every value, `bins.count` for one that does not count. A first guess, which rounding may have moved across an edge, is held
/// against the edges. All in double, each choice between two values that are there: so it becomes vectors. `nodata`: NaN when there is
/// none.
template <class T>
CUBELOOM_VECTOR_CLONES void findBins(const T* __restrict values, std::size_t n, double nodata, const Bins& bins,
                                     std::int32_t* __restrict found) {
  const double low = bins.low, high = bins.high, width = bins.width();
  const double scale = static_cast<double>(bins.count) / (high - low), last = static_cast<double>(bins.count - 1);
  for (std::size_t i = 0; i < n; ++i) {
    const double v = static_cast<double>(values[i]);
    const double place = (v - low) * scale;
    const double inside = v >= low ? (v <= high ? place : -1.0) : -1.0;
    const double guess = v != nodata ? inside : -1.0;
    double bin = static_cast<double>(static_cast<std::int32_t>(guess));
    bin = bin > last ? last : bin;
    const double edge = bin * width + low;
    bin = v < edge ? bin - 1.0 : bin;
    const double next = bin + 1.0;
    const double nextEdge = next * width + low;
    const double above = v >= nextEdge ? next : bin;
    bin = bin < last ? above : bin;
    bin = guess >= 0.0 ? bin : last + 1.0;
    found[i] = static_cast<std::int32_t>(bin);
  }
}

template <class T>
class TypedBinCounts : public BinCounts {
 public:
  TypedBinCounts(PixelType type, const std::optional<double>& nodata, const ReducedDims& dims, std::size_t sets, const Bins& bins)
      : m_dims(dims),
        m_nodata(nodata && canHold(type, *nodata) ? *nodata : NAN),
        m_bins(bins),
        m_slots(static_cast<std::size_t>(bins.count) + 1),
        m_counts(sets * m_slots, 0) {}

  Result<void> add(const BlockView& input) override {
    forEachSpan<T>(
        input, m_dims, [this](std::size_t set, const T* values, std::size_t n) { addValues(set, 0, values, n); },
        [this](std::size_t first, const T* values, std::size_t n) { addValues(first, m_slots, values, n); });
    return {};
  }

  void merge(const Accumulator& later) override {
    const auto& other = static_cast<const TypedBinCounts&>(later);
    for (std::size_t i = 0; i < m_counts.size(); ++i) m_counts[i] += other.m_counts[i];
  }

  void carry(StateCarrier& state) override { state.all(m_counts); }
  std::size_t bytes() const override { return m_counts.size() * sizeof(std::int64_t); }
  std::int64_t count(std::size_t set, std::int64_t bin) const override { return m_counts[set * m_slots + static_cast<std::size_t>(bin)]; }

 private:
  /// `stride`: from the counts of one value's set to those of the next one's.
  void addValues(std::size_t set, std::size_t stride, const T* values, std::size_t n) {
    std::array<std::int32_t, kBatch> found;
    std::int64_t* counts = &m_counts[set * m_slots];
    for (std::size_t i = 0; i < n; i += kBatch) {
      const std::size_t batch = std::min(kBatch, n - i);
      findBins(values + i, batch, m_nodata, m_bins, found.data());
      for (std::size_t k = 0; k < batch; ++k, counts += stride) ++counts[found[k]];
    }
  }

  const ReducedDims& m_dims;
  double m_nodata;  ///< NaN: none
  Bins m_bins;
  std::size_t m_slots;  ///< the bins, and one for what falls into none
  std::vector<std::int64_t> m_counts;
};

}  // namespace

std::size_t binCountBytes(const Bins& bins) { return (static_cast<std::size_t>(bins.count) + 1) * sizeof(std::int64_t); }

std::unique_ptr<BinCounts> makeBinCounts(PixelType type, const std::optional<double>& nodata, const ReducedDims& dims, std::size_t sets,
                                         const Bins& bins) {
  return dispatchRealType(type, [&](auto sample) -> std::unique_ptr<BinCounts> {
    return std::make_unique<TypedBinCounts<decltype(sample)>>(type, nodata, dims, sets, bins);
  });
}

}  // namespace cubeloom
