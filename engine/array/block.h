// SPDX-License-Identifier: GPL-3.0-or-later
// A strided view of pixels in memory, any order of dims; and the buffer that owns them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/pixel_type.h"

namespace cubeloom {

/// Does not own. Strides are in bytes and may be any (a transpose is a view).
struct BlockView {
  std::byte* data = nullptr;
  PixelType type = PixelType::Float32;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;

  std::int64_t count() const;
  /// Row-major, last dim fastest, without gaps.
  bool isDense() const;
  /// Dims reordered: `order[i]` is this view's dim that becomes dim i.
  BlockView permuted(const std::vector<int>& order) const;
  /// The box of `size` from `offset`.
  BlockView sub(const std::vector<std::int64_t>& offset, const std::vector<std::int64_t>& size) const;
  /// Without dim `d`, at index `i` of it.
  BlockView at(int d, std::int64_t i) const;
  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(data);
  }
};

std::vector<std::int64_t> denseStrides(const std::vector<std::int64_t>& shape, std::size_t elementBytes);
BlockView denseView(std::byte* data, PixelType type, const std::vector<std::int64_t>& shape);

/// Copies elements of equal shape, converting types by convertPixel (complex to real takes the real part).
void copyBlock(const BlockView& from, const BlockView& to);
/// Sets every element to `value`, converted.
void fillBlock(const BlockView& to, double value);

/// Calls `f(pointerToFirst, count, strideBytes)` for each run along the view's last dim.
template <class F>
void forEachRun(const BlockView& view, F&& f) {
  if (view.count() == 0) return;
  if (view.shape.empty()) {
    f(view.data, std::int64_t{1}, std::int64_t{0});
    return;
  }
  const std::size_t last = view.shape.size() - 1;
  std::vector<std::int64_t> index(last, 0);
  std::byte* p = view.data;
  while (true) {
    f(p, view.shape[last], view.strides[last]);
    std::size_t d = last;
    while (d-- > 0) {
      p += view.strides[d];
      if (++index[d] < view.shape[d]) break;
      p -= view.strides[d] * view.shape[d];
      index[d] = 0;
    }
    if (d == static_cast<std::size_t>(-1)) return;
  }
}

}  // namespace cubeloom
