// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/load_rows.h"

#include <algorithm>

#include "engine/base/vector_clones.h"
#include "engine/op/family/run_values.h"

namespace cubeloom {
namespace {

constexpr std::size_t kLoadedColumns = 16;  ///< whose flags stay in registers

/// `n` columns from `first` on. Flags are as wide as float, so that a comparison makes them.
template <class T>
__attribute__((always_inline)) inline void loadFloatColumns(const std::byte* from, std::int64_t stride, std::size_t rows, std::size_t first,
                                                            std::size_t n, float nodata, T* values, std::size_t width,
                                                            std::uint8_t* valid) {
  std::uint32_t isMissing[kLoadedColumns] = {};
  for (std::size_t r = 0; r < rows; ++r) {
    const float* __restrict in = reinterpret_cast<const float*>(from + static_cast<std::int64_t>(r) * stride) + first;
    T* __restrict to = values + r * width + first;
    for (std::size_t i = 0; i < n; ++i) isMissing[i] |= static_cast<std::uint32_t>((in[i] != in[i]) | (in[i] == nodata));
    for (std::size_t i = 0; i < n; ++i) to[i] = static_cast<T>(in[i]);
  }
  for (std::size_t i = 0; i < n; ++i) valid[first + i] &= static_cast<std::uint8_t>(isMissing[i] == 0);
}

/// The last columns end with the row, and are in part loaded again. NaN is never `nodata`.
template <class T>
CUBELOOM_VECTOR_CLONES void loadFloatRows(const std::byte* from, std::int64_t stride, std::size_t rows, std::size_t count, float nodata,
                                          T* values, std::size_t width, std::uint8_t* valid) {
  if (count < kLoadedColumns) return loadFloatColumns(from, stride, rows, 0, count, nodata, values, width, valid);
  for (std::size_t first = 0; first < count; first += kLoadedColumns)
    loadFloatColumns(from, stride, rows, std::min(first, count - kLoadedColumns), kLoadedColumns, nodata, values, width, valid);
}

}  // namespace

template <class T>
void RowLoader<T>::load(const std::byte* from, std::int64_t stride, std::int64_t step, std::size_t rows, std::size_t count, T* values,
                        std::size_t width, std::uint8_t* valid) const {
  if (type == PixelType::Float32 && step == sizeof(float)) {
    const auto missing = static_cast<float>(nodata.value_or(NAN));
    return loadFloatRows(from, stride, rows, count, missing, values, width, valid);
  }
  const RunLoader<T> loader(type, nodata);
  for (std::size_t r = 0; r < rows; ++r) loader.load(from + static_cast<std::int64_t>(r) * stride, step, count, values + r * width, valid);
}

template struct RowLoader<float>;
template struct RowLoader<double>;

}  // namespace cubeloom
