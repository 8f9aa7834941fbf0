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
#include "engine/op/family/load_rows.h"
#include "engine/op/family/run_values.h"

namespace cubeloom {

/// Pixels of a group.
inline constexpr std::size_t kSpectraGroup = 64;

/// Keeps the pixels that are valid in all entries of dim `dim`. T: float or double.
template <class T>
class SpectraBuffer {
 public:
  SpectraBuffer(const ArraySpec& input, int dim)
      : m_loader{input.type, input.nodata},
        m_dim(dim),
        m_entries(static_cast<std::size_t>(input.dims[static_cast<std::size_t>(dim)].size)),
        m_group(m_entries * kSpectraGroup) {}

  std::size_t entries() const { return m_entries; }
  static std::size_t bytes(std::size_t entries) { return entries * kSpectraGroup * sizeof(T) + kSpectraGroup; }

  /// Calls `take(values, count)` for each full group: entry b of its pixel g is values[b * kSpectraGroup + g]; `count` is kSpectraGroup.
  template <class Take>
  void add(const BlockView& block, Take&& take) {
    std::uint8_t valid[kSpectraGroup];
    const std::int64_t stride = block.strides[static_cast<std::size_t>(m_dim)];
    AlignedRuns({block.at(m_dim, 0)}).forEach([&](std::byte* const* pointers, std::int64_t n, const std::int64_t* steps) {
      for (std::int64_t first = 0; first < n;) {
        const std::size_t count = std::min(kSpectraGroup - m_filled, static_cast<std::size_t>(n - first));
        std::fill_n(valid, count, std::uint8_t{1});
        m_loader.load(pointers[0] + first * steps[0], stride, steps[0], m_entries, count, &m_group[m_filled], kSpectraGroup, valid);
        m_filled += keepValid(valid, count);
        first += static_cast<std::int64_t>(count);
        if (m_filled < kSpectraGroup) continue;
        take(m_group.data(), kSpectraGroup);
        m_filled = 0;
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
  /// Moves the valid ones of the `count` pixels behind those of the group together. How many they are.
  std::size_t keepValid(const std::uint8_t* valid, std::size_t count) {
    std::size_t from[kSpectraGroup], kept = 0;
    for (std::size_t p = 0; p < count; ++p)
      if (valid[p]) from[kept++] = p;
    for (std::size_t b = 0; b < m_entries && kept < count; ++b) {
      T* values = &m_group[b * kSpectraGroup + m_filled];
      for (std::size_t k = 0; k < kept; ++k) values[k] = values[from[k]];
    }
    return kept;
  }

  RowLoader<T> m_loader;
  int m_dim;
  std::size_t m_entries;
  std::vector<T> m_group;
  std::size_t m_filled = 0;
};

}  // namespace cubeloom
