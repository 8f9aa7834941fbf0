// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/array/block.h"

#include <complex>
#include <cstring>
#include <type_traits>
#include <utility>

namespace cubeloom {
namespace {

template <class T>
struct IsComplex : std::false_type {};
template <class T>
struct IsComplex<std::complex<T>> : std::true_type {};

template <class From, class To>
To convertElement(From value) {
  if constexpr (std::is_same_v<From, To>) {
    return value;
  } else if constexpr (IsComplex<From>::value && IsComplex<To>::value) {
    return To(static_cast<typename To::value_type>(value.real()), static_cast<typename To::value_type>(value.imag()));
  } else if constexpr (IsComplex<From>::value) {
    return convertPixel<To>(static_cast<double>(value.real()));
  } else if constexpr (IsComplex<To>::value) {
    return To(static_cast<typename To::value_type>(value));
  } else if constexpr (std::is_integral_v<From> && std::is_integral_v<To>) {
    if (std::in_range<To>(value)) return static_cast<To>(value);
    return std::cmp_less(value, 0) ? std::numeric_limits<To>::lowest() : std::numeric_limits<To>::max();
  } else {
    return convertPixel<To>(static_cast<double>(value));
  }
}

}  // namespace

std::int64_t BlockView::count() const {
  std::int64_t n = 1;
  for (const std::int64_t size : shape) n *= size;
  return n;
}

bool BlockView::isDense() const { return strides == denseStrides(shape, pixelTypeBytes(type)); }

BlockView BlockView::permuted(const std::vector<int>& order) const {
  BlockView view{data, type, {}, {}};
  for (const int d : order) {
    view.shape.push_back(shape[static_cast<std::size_t>(d)]);
    view.strides.push_back(strides[static_cast<std::size_t>(d)]);
  }
  return view;
}

BlockView BlockView::sub(const std::vector<std::int64_t>& offset, const std::vector<std::int64_t>& size) const {
  BlockView view{data, type, size, strides};
  for (std::size_t d = 0; d < shape.size(); ++d) view.data += offset[d] * strides[d];
  return view;
}

BlockView BlockView::at(int d, std::int64_t i) const {
  BlockView view = *this;
  view.data += i * strides[static_cast<std::size_t>(d)];
  view.shape.erase(view.shape.begin() + d);
  view.strides.erase(view.strides.begin() + d);
  return view;
}

std::vector<std::int64_t> denseStrides(const std::vector<std::int64_t>& shape, std::size_t elementBytes) {
  std::vector<std::int64_t> strides(shape.size());
  auto stride = static_cast<std::int64_t>(elementBytes);
  for (std::size_t d = shape.size(); d-- > 0;) {
    strides[d] = stride;
    stride *= shape[d];
  }
  return strides;
}

BlockView denseView(std::byte* data, PixelType type, const std::vector<std::int64_t>& shape) {
  return {data, type, shape, denseStrides(shape, pixelTypeBytes(type))};
}

void copyBlock(const BlockView& from, const BlockView& to) {
  if (from.type == to.type && from.isDense() && to.isDense()) {
    std::memcpy(to.data, from.data, static_cast<std::size_t>(from.count()) * pixelTypeBytes(from.type));
    return;
  }
  dispatchPixelType(from.type, [&](auto fromSample) {
    using From = decltype(fromSample);
    dispatchPixelType(to.type, [&](auto toSample) {
      using To = decltype(toSample);
      // The two views share a shape, so their runs correspond one to one.
      std::vector<std::byte*> targets;
      const std::int64_t toStep = to.shape.empty() ? 0 : to.strides.back();
      forEachRun(to, [&targets](std::byte* p, std::int64_t, std::int64_t) { targets.push_back(p); });
      std::size_t run = 0;
      forEachRun(from, [&](const std::byte* p, std::int64_t n, std::int64_t step) {
        std::byte* q = targets[run++];
        if (std::is_same_v<From, To> && step == sizeof(From) && toStep == sizeof(To)) {
          std::memcpy(q, p, static_cast<std::size_t>(n) * sizeof(From));
          return;
        }
        for (std::int64_t i = 0; i < n; ++i, p += step, q += toStep)
          *reinterpret_cast<To*>(q) = convertElement<From, To>(*reinterpret_cast<const From*>(p));
      });
    });
  });
}

void fillBlock(const BlockView& to, double value) {
  dispatchPixelType(to.type, [&](auto sample) {
    using T = decltype(sample);
    const T converted = convertElement<double, T>(value);
    forEachRun(to, [converted](std::byte* p, std::int64_t n, std::int64_t step) {
      for (std::int64_t i = 0; i < n; ++i, p += step) *reinterpret_cast<T*>(p) = converted;
    });
  });
}

}  // namespace cubeloom
