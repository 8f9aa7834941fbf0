// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/product/products.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/base/vector_clones.h"

namespace cubeloom {
namespace {

constexpr std::size_t kVectorLanes = 4, kVectorsOfTile = 2, kPixelsOfTile = kVectorLanes * kVectorsOfTile;
constexpr std::size_t kResultsOfTile = ProductWeights::kTileResults;
typedef double DoubleVector __attribute__((vector_size(kVectorLanes * sizeof(double))));
template <class T>
struct VectorOf {
  typedef T Type __attribute__((vector_size(kVectorLanes * sizeof(T))));
};

#define CUBELOOM_LOAD_VECTOR(T, to, from)            \
  typename VectorOf<T>::Type to##Narrow;             \
  std::memcpy(&to##Narrow, from, sizeof to##Narrow); \
  const DoubleVector to = __builtin_convertvector(to##Narrow, DoubleVector)

/// A tile of kPixelsOfTile pixels and kResultsOfTile results at a time, as long as there are whole tiles of pixels.
template <class T>
CUBELOOM_VECTOR_CLONES void productsOfTiles(const T* values, std::size_t entries, std::size_t pixels, const double* shift,
                                            const double* weights, std::size_t results, double* sums) {
  for (std::size_t first = 0; first + kPixelsOfTile <= pixels; first += kPixelsOfTile) {
    DoubleVector sum[kResultsOfTile][kVectorsOfTile] = {};
    const T* from = values + first;
    const double* weight = weights;
    for (std::size_t i = 0; i < entries; ++i, from += pixels, weight += kResultsOfTile) {
      CUBELOOM_LOAD_VECTOR(T, left, from);
      CUBELOOM_LOAD_VECTOR(T, right, from + kVectorLanes);
      const DoubleVector a = left - shift[i], b = right - shift[i];
      for (std::size_t k = 0; k < kResultsOfTile; ++k) {
        sum[k][0] += weight[k] * a;
        sum[k][1] += weight[k] * b;
      }
    }
    for (std::size_t k = 0; k < results; ++k) std::memcpy(sums + k * pixels + first, sum[k], sizeof sum[k]);
  }
}

template <class T>
CUBELOOM_VECTOR_CLONES void squaresOfTiles(const T* values, std::size_t entries, std::size_t pixels, double* sums) {
  for (std::size_t first = 0; first + kPixelsOfTile <= pixels; first += kPixelsOfTile) {
    DoubleVector sum[kVectorsOfTile] = {};
    for (std::size_t i = 0; i < entries; ++i) {
      CUBELOOM_LOAD_VECTOR(T, left, values + i * pixels + first);
      CUBELOOM_LOAD_VECTOR(T, right, values + i * pixels + first + kVectorLanes);
      sum[0] += left * left;
      sum[1] += right * right;
    }
    std::memcpy(sums + first, sum, sizeof sum);
  }
}

template <class T>
CUBELOOM_VECTOR_CLONES void placesOfTiles(const T* values, const std::size_t* places, const double* weights, std::size_t count,
                                          std::size_t pixels, double* sums) {
  for (std::size_t first = 0; first + 2 * kPixelsOfTile <= pixels; first += 2 * kPixelsOfTile) {
    DoubleVector sum[2 * kVectorsOfTile] = {};
    for (std::size_t j = 0; j < count; ++j)
      for (std::size_t v = 0; v < 2 * kVectorsOfTile; ++v) {
        CUBELOOM_LOAD_VECTOR(T, value, values + places[j] + first + v * kVectorLanes);
        sum[v] += weights[j] * value;
      }
    std::memcpy(sums + first, sum, sizeof sum);
  }
}

constexpr std::size_t kCrossLeft = 4, kCrossRight = 3, kCrossPanel = 24;
static_assert(kCrossRows % kCrossLeft == 0 && kCrossRows % kCrossRight == 0 && kCrossPanel % kCrossRight == 0);
static_assert(kCrossPixels % kVectorLanes == 0);

/// kCrossLeft x kCrossRight sums of kVectorLanes lanes fill the registers of AVX2. A panel of right rows stays in the first-level cache.
CUBELOOM_VECTOR_CLONES void crossProducts(const double* d, std::size_t rows, double* products) {
  for (std::size_t panel = 0; panel < rows; panel += kCrossPanel) {
    const std::size_t end = std::min(panel + kCrossPanel, rows);
    for (std::size_t i = 0; i < end; i += kCrossLeft)
      for (std::size_t j = std::max(panel, i / kCrossRight * kCrossRight); j < end; j += kCrossRight) {
        DoubleVector sum[kCrossLeft][kCrossRight] = {};
        const double *left = d + i * kCrossPixels, *right = d + j * kCrossPixels;
        for (std::size_t g = 0; g < kCrossPixels; g += kVectorLanes) {
          DoubleVector b[kCrossRight];
          for (std::size_t r = 0; r < kCrossRight; ++r) std::memcpy(&b[r], right + r * kCrossPixels + g, sizeof b[r]);
          for (std::size_t l = 0; l < kCrossLeft; ++l) {
            DoubleVector a;
            std::memcpy(&a, left + l * kCrossPixels + g, sizeof a);
            for (std::size_t r = 0; r < kCrossRight; ++r) sum[l][r] += a * b[r];
          }
        }
        for (std::size_t l = 0; l < kCrossLeft; ++l)
          for (std::size_t r = 0; r < kCrossRight; ++r)
            products[(i + l) * rows + j + r] += (sum[l][r][0] + sum[l][r][2]) + (sum[l][r][1] + sum[l][r][3]);
      }
  }
}

#undef CUBELOOM_LOAD_VECTOR

}  // namespace

ProductWeights::ProductWeights(const std::vector<double>& rows, std::size_t entries, std::vector<double> shift)
    : m_results(entries == 0 ? 0 : rows.size() / entries), m_shift(std::move(shift)) {
  m_shift.resize(entries);
  m_tiles.resize((m_results + kTileResults - 1) / kTileResults * kTileResults * entries);
  for (std::size_t k = 0; k < m_results; ++k)
    for (std::size_t i = 0; i < entries; ++i)
      m_tiles[(k / kTileResults * entries + i) * kTileResults + k % kTileResults] = rows[k * entries + i];
}

template <class T>
void sumProducts(const T* values, std::size_t pixels, const ProductWeights& weights, double* sums) {
  const std::size_t entries = weights.entries(), rest = pixels / kPixelsOfTile * kPixelsOfTile;
  for (std::size_t first = 0; first < weights.results(); first += kResultsOfTile) {
    const std::size_t count = std::min(kResultsOfTile, weights.results() - first);
    double* const to = sums + first * pixels;
    productsOfTiles(values, entries, pixels, weights.shift(), weights.tile(first), count, to);
    for (std::size_t k = 0; k < count; ++k)
      for (std::size_t p = rest; p < pixels; ++p) {
        double sum = 0;
        for (std::size_t i = 0; i < entries; ++i)
          sum += weights.tile(first)[i * kResultsOfTile + k] * (static_cast<double>(values[i * pixels + p]) - weights.shift()[i]);
        to[k * pixels + p] = sum;
      }
  }
}

template <class T>
void sumSquares(const T* values, std::size_t entries, std::size_t pixels, double* sums) {
  squaresOfTiles(values, entries, pixels, sums);
  for (std::size_t p = pixels / kPixelsOfTile * kPixelsOfTile; p < pixels; ++p) {
    sums[p] = 0;
    for (std::size_t i = 0; i < entries; ++i) {
      const auto value = static_cast<double>(values[i * pixels + p]);
      sums[p] += value * value;
    }
  }
}

template <class T>
void sumPlaces(const T* values, const std::size_t* places, const double* weights, std::size_t count, std::size_t pixels, double* sums) {
  placesOfTiles(values, places, weights, count, pixels, sums);
  for (std::size_t p = pixels / (2 * kPixelsOfTile) * (2 * kPixelsOfTile); p < pixels; ++p) {
    sums[p] = 0;
    for (std::size_t j = 0; j < count; ++j) sums[p] += weights[j] * static_cast<double>(values[places[j] + p]);
  }
}

void addCrossProducts(const double* d, std::size_t rows, double* products) { crossProducts(d, rows, products); }

template void sumProducts(const float*, std::size_t, const ProductWeights&, double*);
template void sumProducts(const double*, std::size_t, const ProductWeights&, double*);
template void sumSquares(const float*, std::size_t, std::size_t, double*);
template void sumSquares(const double*, std::size_t, std::size_t, double*);
template void sumPlaces(const float*, const std::size_t*, const double*, std::size_t, std::size_t, double*);
template void sumPlaces(const double*, const std::size_t*, const double*, std::size_t, std::size_t, double*);

}  // namespace cubeloom
