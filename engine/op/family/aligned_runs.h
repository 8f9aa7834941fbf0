// SPDX-License-Identifier: GPL-3.0-or-later
// Views of one shape walked side by side, in runs as long as their layouts allow.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "engine/array/block.h"

namespace cubeloom {

/// Elements that lie at the same index of every view belong together. A stride of 0 repeats a view along a dim. Dims are walked in the
/// order in which they lie in the first view, and are taken as one where every view has them without a gap.
class AlignedRuns {
 public:
  explicit AlignedRuns(const std::vector<BlockView>& views) {
    for (const BlockView& view : views) m_data.push_back(view.data);
    std::vector<std::size_t> order;
    for (std::size_t d = 0; d < views[0].shape.size(); ++d) {
      m_isEmpty = m_isEmpty || views[0].shape[d] == 0;
      if (views[0].shape[d] != 1) order.push_back(d);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&views](std::size_t a, std::size_t b) { return std::abs(views[0].strides[a]) > std::abs(views[0].strides[b]); });
    for (const std::size_t d : order) append(views, d);
    if (m_dims.empty()) m_dims.push_back({1, std::vector<std::int64_t>(views.size(), 0)});
  }

  /// Calls `f(pointers, count, steps)`: one pointer to the first element and one step in bytes for each view.
  template <class F>
  void forEach(F&& f) const {
    if (m_isEmpty) return;
    const std::size_t last = m_dims.size() - 1;
    std::vector<std::byte*> pointers = m_data;
    std::vector<std::int64_t> index(last, 0);
    while (true) {
      f(static_cast<std::byte* const*>(pointers.data()), m_dims[last].size, m_dims[last].steps.data());
      std::size_t d = last;
      while (d-- > 0) {
        move(pointers, m_dims[d], 1);
        if (++index[d] < m_dims[d].size) break;
        move(pointers, m_dims[d], -m_dims[d].size);
        index[d] = 0;
      }
      if (d == static_cast<std::size_t>(-1)) return;
    }
  }

 private:
  struct RunDim {
    std::int64_t size;
    std::vector<std::int64_t> steps;  ///< one per view
  };

  void append(const std::vector<BlockView>& views, std::size_t d) {
    RunDim inner{views[0].shape[d], {}};
    for (const BlockView& view : views) inner.steps.push_back(view.strides[d]);
    const bool continues = !m_dims.empty() && std::equal(inner.steps.begin(), inner.steps.end(), m_dims.back().steps.begin(),
                                                         [&inner](std::int64_t in, std::int64_t out) { return out == in * inner.size; });
    if (continues) {
      m_dims.back().size *= inner.size;
      m_dims.back().steps = std::move(inner.steps);
    } else {
      m_dims.push_back(std::move(inner));
    }
  }

  static void move(std::vector<std::byte*>& pointers, const RunDim& dim, std::int64_t by) {
    for (std::size_t v = 0; v < pointers.size(); ++v) pointers[v] += by * dim.steps[v];
  }

  std::vector<std::byte*> m_data;
  std::vector<RunDim> m_dims;
  bool m_isEmpty = false;
};

}  // namespace cubeloom
