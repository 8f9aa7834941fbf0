// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/run_values.h"

#include "engine/base/vector_clones.h"

namespace cubeloom {
namespace {

template <class From, class T>
CUBELOOM_VECTOR_CLONES void convertAll(const From* __restrict from, std::size_t count, T* __restrict values) {
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<T>(from[i]);
}

template <class From>
CUBELOOM_VECTOR_CLONES void dropNans(const From* __restrict from, std::size_t count, std::uint8_t* __restrict valid) {
  for (std::size_t i = 0; i < count; ++i) valid[i] &= static_cast<std::uint8_t>(from[i] == from[i]);
}

template <class From>
CUBELOOM_VECTOR_CLONES void dropMissing(const From* __restrict from, std::size_t count, From nodata, std::uint8_t* __restrict valid) {
  for (std::size_t i = 0; i < count; ++i) valid[i] &= static_cast<std::uint8_t>((from[i] == from[i]) & (from[i] != nodata));
}

}  // namespace

template <class From, class T>
void loadDense(const From* from, std::size_t count, std::optional<From> nodata, T* values, std::uint8_t* valid) {
  convertAll(from, count, values);
  if (nodata) return dropMissing(from, count, *nodata, valid);
  if constexpr (std::is_floating_point_v<From>) dropNans(from, count, valid);
}

#define CUBELOOM_LOAD_DENSE(From)                                                                \
  template void loadDense(const From*, std::size_t, std::optional<From>, float*, std::uint8_t*); \
  template void loadDense(const From*, std::size_t, std::optional<From>, double*, std::uint8_t*);
CUBELOOM_LOAD_DENSE(std::int8_t)
CUBELOOM_LOAD_DENSE(std::uint8_t)
CUBELOOM_LOAD_DENSE(std::int16_t)
CUBELOOM_LOAD_DENSE(std::uint16_t)
CUBELOOM_LOAD_DENSE(std::int32_t)
CUBELOOM_LOAD_DENSE(std::uint32_t)
CUBELOOM_LOAD_DENSE(std::int64_t)
CUBELOOM_LOAD_DENSE(std::uint64_t)
CUBELOOM_LOAD_DENSE(float)
CUBELOOM_LOAD_DENSE(double)
#undef CUBELOOM_LOAD_DENSE
template void loadDense(const std::int64_t*, std::size_t, std::optional<std::int64_t>, std::int64_t*, std::uint8_t*);
template void loadDense(const std::uint64_t*, std::size_t, std::optional<std::uint64_t>, std::uint64_t*, std::uint8_t*);

}  // namespace cubeloom
