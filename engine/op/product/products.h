// SPDX-License-Identifier: GPL-3.0-or-later
// Matrix products over the entries of many pixels, in tiles whose sums stay in registers. Sums are made in double and in the order of
// entries (cross products: in fixed lanes), without contraction: the same bits on every processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cubeloom {

/// Some results' weights over the same entries, and what is taken from an entry before.
class ProductWeights {
 public:
  /// `rows`: weight of entry i in result k at [k * entries + i]. `shift`: one per entry, or none.
  ProductWeights(const std::vector<double>& rows, std::size_t entries, std::vector<double> shift = {});

  std::size_t entries() const { return m_shift.size(); }
  std::size_t results() const { return m_results; }
  const double* shift() const { return m_shift.data(); }
  /// Of entry 0 for the results from `first` on, a multiple of kTileResults; of the next entry behind kTileResults of them.
  const double* tile(std::size_t first) const { return &m_tiles[first * entries()]; }
  static constexpr std::size_t kTileResults = 4;

 private:
  std::size_t m_results;
  std::vector<double> m_shift, m_tiles;
};

/// sums[k * pixels + p] = the sum of weight[k][i] * (values[i * pixels + p] - shift[i]) over all i.
template <class T>
void sumProducts(const T* values, std::size_t pixels, const ProductWeights& weights, double* sums);

/// sums[p] = the sum of the squares of values[i * pixels + p] over `entries`.
template <class T>
void sumSquares(const T* values, std::size_t entries, std::size_t pixels, double* sums);

/// sums[p] = the sum of weights[j] * values[places[j] + p] over `count` places.
template <class T>
void sumPlaces(const T* values, const std::size_t* places, const double* weights, std::size_t count, std::size_t pixels, double* sums);

/// Pixels that addCrossProducts() takes at once, and what the number of its rows is a multiple of.
inline constexpr std::size_t kCrossPixels = 64, kCrossRows = 12;
/// products[i * rows + j] += the product of rows i and j of `d`, of kCrossPixels values each; at least for j >= i.
void addCrossProducts(const double* d, std::size_t rows, double* products);

}  // namespace cubeloom
