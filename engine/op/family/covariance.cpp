// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/covariance.h"

#include <algorithm>

#include "engine/base/vector_clones.h"
#include "engine/op/family/spectra_buffer.h"

namespace cubeloom {
namespace {

constexpr std::size_t kLanes = 8, kTile = 2, kPanel = 32;
static_assert(kSpectraGroup % kLanes == 0 && kPanel % kTile == 0);

/// products[i][j] += the product of rows i and j of `d` (kSpectraGroup values each), j >= i. `rows` is a multiple of kTile. The lanes are
/// fixed, so that every processor adds in the same order.
CUBELOOM_VECTOR_CLONES void addProducts(const double* __restrict d, std::size_t rows, double* __restrict products) {
  for (std::size_t panel = 0; panel < rows; panel += kPanel) {
    const std::size_t end = std::min(panel + kPanel, rows);
    for (std::size_t i = 0; i < end; i += kTile)
      for (std::size_t j = std::max(panel, i); j < end; j += kTile) {
        double sums[kTile][kTile][kLanes] = {};
        for (std::size_t g = 0; g < kSpectraGroup; g += kLanes)
          for (std::size_t a = 0; a < kTile; ++a)
            for (std::size_t b = 0; b < kTile; ++b)
              for (std::size_t l = 0; l < kLanes; ++l)
                sums[a][b][l] += d[(i + a) * kSpectraGroup + g + l] * d[(j + b) * kSpectraGroup + g + l];
        for (std::size_t a = 0; a < kTile; ++a)
          for (std::size_t b = 0; b < kTile; ++b) {
            const double* s = sums[a][b];
            products[(i + a) * rows + j + b] += ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7]));
          }
      }
  }
}

class ProductSums : public CovarianceSums {
 public:
  ProductSums(const ArraySpec& input, int dim)
      : m_buffer(input, dim),
        m_entries(m_buffer.entries()),
        m_rows((m_entries + kTile - 1) / kTile * kTile),
        m_shift(m_entries),
        m_sums(m_entries),
        m_products(m_rows * m_rows),
        m_off(m_rows * kSpectraGroup) {}

  Result<void> add(const BlockView& input) override {
    m_buffer.add(input, [this](const double* values, std::size_t count) { addGroup(values, count); });
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
    m_buffer.flush([this](const double* values, std::size_t count) { addGroup(values, count); });
  }

  void addGroup(const double* values, std::size_t count) {
    if (m_count == 0)
      for (std::size_t b = 0; b < m_entries; ++b) m_shift[b] = values[b * kSpectraGroup];
    for (std::size_t b = 0; b < m_entries; ++b) {
      double sum = 0;
      for (std::size_t g = 0; g < kSpectraGroup; ++g) {
        const double off = g < count ? values[b * kSpectraGroup + g] - m_shift[b] : 0;
        m_off[b * kSpectraGroup + g] = off;
        sum += off;
      }
      m_sums[b] += sum;
    }
    addProducts(m_off.data(), m_rows, m_products.data());
    m_count += static_cast<double>(count);
  }

  SpectraBuffer<double> m_buffer;
  std::size_t m_entries, m_rows;  ///< rows: entries and at most one that stays 0
  double m_count = 0;
  std::vector<double> m_shift, m_sums, m_products, m_off;
};

}  // namespace

std::unique_ptr<CovarianceSums> makeCovarianceSums(const ArraySpec& input, int dim) { return std::make_unique<ProductSums>(input, dim); }

std::size_t covarianceBytes(std::size_t entries) {
  const std::size_t rows = entries + kTile;
  return (rows * rows + rows * kSpectraGroup + 2 * rows) * sizeof(double) + SpectraBuffer<double>::bytes(entries);
}

}  // namespace cubeloom
