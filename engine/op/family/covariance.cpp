// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/covariance.h"

#include <algorithm>

#include "engine/op/family/spectra_buffer.h"
#include "engine/op/product/products.h"

namespace cubeloom {
namespace {

static_assert(kSpectraGroup == kCrossPixels);
constexpr std::size_t kLanes = 4;

/// Differences of a row's values from `shift`; past `count` they are 0. Their sum, in fixed lanes.
template <class T>
double subtractShift(const T* values, std::size_t count, double shift, double* off) {
  for (std::size_t g = 0; g < kSpectraGroup; ++g) off[g] = static_cast<double>(values[g]) - shift;
  std::fill(off + count, off + kSpectraGroup, 0.0);
  double sums[kLanes] = {};
  for (std::size_t g = 0; g < kSpectraGroup; g += kLanes)
    for (std::size_t l = 0; l < kLanes; ++l) sums[l] += off[g + l];
  return (sums[0] + sums[2]) + (sums[1] + sums[3]);
}

template <class T>
class ProductSums : public CovarianceSums {
 public:
  ProductSums(const ArraySpec& input, int dim)
      : m_buffer(input, dim),
        m_entries(m_buffer.entries()),
        m_rows((m_entries + kCrossRows - 1) / kCrossRows * kCrossRows),
        m_shift(m_entries),
        m_sums(m_entries),
        m_products(m_rows * m_rows),
        m_off(m_rows * kSpectraGroup) {}

  Result<void> add(const BlockView& input) override {
    m_buffer.add(input, [this](const T* values, std::size_t count) { addGroup(values, count); });
    return {};
  }

  void merge(const Accumulator& other) override {
    ProductSums later = static_cast<const ProductSums&>(other);
    later.flush();
    flush();
    if (later.m_count == 0) return;
    if (m_count == 0) m_shift = later.m_shift;
    // Of the later one's differences, which are from another pixel, those from ours.
    std::vector<double> moved(m_entries);
    for (std::size_t i = 0; i < m_entries; ++i) moved[i] = later.m_shift[i] - m_shift[i];
    for (std::size_t i = 0; i < m_entries; ++i)
      for (std::size_t j = i; j < m_entries; ++j)
        m_products[i * m_rows + j] += later.m_products[i * m_rows + j] + moved[i] * later.m_sums[j] + later.m_sums[i] * moved[j] +
                                      later.m_count * moved[i] * moved[j];
    for (std::size_t i = 0; i < m_entries; ++i) m_sums[i] += later.m_sums[i] + later.m_count * moved[i];
    m_count += later.m_count;
  }

  void carry(StateCarrier& state) override {
    m_buffer.carry(state);
    state.number(m_count);
    for (auto* doubles : {&m_shift, &m_sums, &m_products}) state.all(*doubles);
  }
  std::size_t bytes() const override { return covarianceBytes(m_entries); }

  Covariance covariance() const override {
    ProductSums whole = *this;
    whole.flush();
    Covariance c{whole.m_count, std::vector<double>(m_entries), std::vector<double>(m_entries * m_entries)};
    for (std::size_t i = 0; i < m_entries; ++i) c.mean[i] = whole.m_shift[i] + whole.m_sums[i] / whole.m_count;
    for (std::size_t i = 0; i < m_entries; ++i)
      for (std::size_t j = i; j < m_entries; ++j)
        c.products[i * m_entries + j] = c.products[j * m_entries + i] =
            whole.m_products[i * m_rows + j] - whole.m_sums[i] * (whole.m_sums[j] / whole.m_count);
    return c;
  }

 private:
  void flush() {
    m_buffer.flush([this](const T* values, std::size_t count) { addGroup(values, count); });
  }

  void addGroup(const T* values, std::size_t count) {
    if (m_count == 0)
      for (std::size_t b = 0; b < m_entries; ++b) m_shift[b] = static_cast<double>(values[b * kSpectraGroup]);
    for (std::size_t b = 0; b < m_entries; ++b)
      m_sums[b] += subtractShift(values + b * kSpectraGroup, count, m_shift[b], &m_off[b * kSpectraGroup]);
    addCrossProducts(m_off.data(), m_rows, m_products.data());
    m_count += static_cast<double>(count);
  }

  SpectraBuffer<T> m_buffer;
  std::size_t m_entries, m_rows;  ///< rows: entries, and what stays 0 up to a multiple of kCrossRows
  double m_count = 0;
  std::vector<double> m_shift, m_sums, m_products, m_off;
};

}  // namespace

std::unique_ptr<CovarianceSums> makeCovarianceSums(const ArraySpec& input, int dim) {
  if (needsDouble(input.type)) return std::make_unique<ProductSums<double>>(input, dim);
  return std::make_unique<ProductSums<float>>(input, dim);
}

std::size_t covarianceBytes(std::size_t entries) {
  const std::size_t rows = entries + kCrossRows;
  return (rows * rows + rows * kSpectraGroup + 2 * rows) * sizeof(double) + SpectraBuffer<double>::bytes(entries);
}

}  // namespace cubeloom
