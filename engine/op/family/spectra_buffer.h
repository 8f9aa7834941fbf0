// SPDX-License-Identifier: GPL-3.0-or-later
// Spectra of pixels, one after another in a fixed order, handed on in groups of a fixed number: however an input is cut into blocks, a
// group holds the same pixels.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/base/state_carrier.h"
#include "engine/op/family/aligned_runs.h"
#include "engine/op/family/run_values.h"

namespace cubeloom {

/// Pixels of a group.
inline constexpr std::size_t kSpectraGroup = 64;

/// Keeps the pixels that are valid in all entries of dim `dim`. T: float or double.
template <class T>
class SpectraBuffer {
 public:
  SpectraBuffer(const ArraySpec& input, int dim)
      : m_loader(input.type, input.nodata),
        m_dim(dim),
        m_entries(static_cast<std::size_t>(input.dims[static_cast<std::size_t>(dim)].size)),
        m_group(m_entries * kSpectraGroup) {}

  std::size_t entries() const { return m_entries; }
  static std::size_t bytes(std::size_t entries) { return entries * (kSpectraGroup + kRun) * sizeof(T) + kRun; }

  /// Calls `take(values, count)` for each full group: entry b of its pixel g is values[b * kSpectraGroup + g]; `count` is kSpectraGroup.
  template <class Take>
  void add(const BlockView& block, Take&& take) {
    std::vector<T> values(m_entries * kRun);
    std::vector<std::uint8_t> valid(kRun);
    const std::int64_t stride = block.strides[static_cast<std::size_t>(m_dim)];
    AlignedRuns({block.at(m_dim, 0)}).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
      for (std::int64_t first = 0; first < n; first += static_cast<std::int64_t>(kRun)) {
        const std::size_t count = std::min(kRun, static_cast<std::size_t>(n - first));
        std::fill_n(valid.begin(), count, std::uint8_t{1});
        for (std::size_t b = 0; b < m_entries; ++b)
          m_loader.load(pointers[0] + first * steps[0] + static_cast<std::int64_t>(b) * stride, steps[0], count, &values[b * kRun],
                        valid.data());
        append(values, valid, count, take);
      }
    });
  }

  /// What is left, of fewer pixels: `take(values, count)`, if there is any.
  template <class Take>
  void flush(Take&& take) {
    if (m_filled > 0) take(m_group.data(), m_filled);
    m_filled = 0;
  }

  /// As Accumulator::carry().
  void carry(StateCarrier& state) {
    state.all(m_group);
    state.number(m_filled);
    m_filled = std::min(m_filled, kSpectraGroup);
  }

 private:
  static constexpr std::size_t kRun = 64;

  template <class Take>
  void append(const std::vector<T>& values, const std::vector<std::uint8_t>& valid, std::size_t count, Take& take) {
    std::size_t from[kRun], kept = 0;
    for (std::size_t p = 0; p < count; ++p)
      if (valid[p]) from[kept++] = p;
    for (std::size_t done = 0; done < kept;) {
      const std::size_t more = std::min(kept - done, kSpectraGroup - m_filled);
      for (std::size_t b = 0; b < m_entries; ++b) {
        T* to = &m_group[b * kSpectraGroup + m_filled];
        if (kept == count)
          std::copy_n(&values[b * kRun + done], more, to);
        else
          for (std::size_t k = 0; k < more; ++k) to[k] = values[b * kRun + from[done + k]];
      }
      done += more;
      m_filled += more;
      if (m_filled < kSpectraGroup) continue;
      take(m_group.data(), kSpectraGroup);
      m_filled = 0;
    }
  }

  RunLoader<T> m_loader;
  int m_dim;
  std::size_t m_entries;
  std::vector<T> m_group;
  std::size_t m_filled = 0;
};

}  // namespace cubeloom
