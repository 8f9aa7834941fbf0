// SPDX-License-Identifier: GPL-3.0-or-later
// Planes of a small array whose numbers say where pixels are: gathered whole, line by line.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "engine/op/family/run_values.h"
#include "engine/op/reduce/accumulator.h"

namespace cubeloom {

struct PlacePlanes {
  int layer = -1;  ///< along which the planes lie; -1: there is one plane
  int line = -1, sample = -1;
};

/// Number: double or std::int32_t, made of each value (NaN where it is nodata) by `numberOf`.
template <class Number>
class PlaneRows : public Accumulator {
 public:
  using NumberOf = Number (*)(double);
  PlaneRows(const ArraySpec& array, const PlacePlanes& dims, std::vector<std::int64_t> layers, NumberOf numberOf)
      : m_loader(array.type, array.nodata),
        m_dims(dims),
        m_numberOf(numberOf),
        m_lines(IndexSet::all(array.dims[static_cast<std::size_t>(dims.line)].size)),
        m_samples(IndexSet::all(array.dims[static_cast<std::size_t>(dims.sample)].size)),
        m_pixels(static_cast<std::size_t>(m_lines.count() * m_samples.count())),
        m_layers(std::move(layers)),
        m_numbers(m_layers.size()) {}

  Result<void> addAt(const Region& piece, const BlockView& input, const std::vector<BlockView>& /*beside*/) override {
    const IndexSet &lines = piece[static_cast<std::size_t>(m_dims.line)], &samples = piece[static_cast<std::size_t>(m_dims.sample)];
    if (lines.step() > 1 || samples.step() > 1) {
      m_lines = lines;
      m_samples = samples;
    }
    return add(input);
  }
  Result<void> add(const BlockView& input) override {
    std::vector<int> order;
    for (int d = 0; d < static_cast<int>(input.shape.size()); ++d)
      if (d != m_dims.layer && d != m_dims.line && d != m_dims.sample) order.push_back(d);
    const std::size_t ones = order.size();
    if (m_dims.layer >= 0) order.push_back(m_dims.layer);
    order.push_back(m_dims.line);
    order.push_back(m_dims.sample);
    BlockView planes = input.permuted(order);
    for (std::size_t i = 0; i < ones; ++i) planes = planes.at(0, 0);
    for (std::size_t k = 0; k < m_layers.size(); ++k) addPlane(m_dims.layer >= 0 ? planes.at(0, m_layers[k]) : planes, m_numbers[k]);
    return {};
  }
  void merge(const Accumulator& later) override {
    const auto& other = static_cast<const PlaneRows&>(later);
    for (std::size_t k = 0; k < m_numbers.size(); ++k) {
      m_numbers[k].reserve(m_pixels);
      m_numbers[k].insert(m_numbers[k].end(), other.m_numbers[k].begin(), other.m_numbers[k].end());
    }
  }
  void carry(StateCarrier& state) override {
    for (auto& numbers : m_numbers) state.any(numbers);
  }
  std::size_t bytes() const override { return m_layers.size() * m_pixels * sizeof(Number); }

  const std::vector<Number>& numbers(std::size_t layer) const { return m_numbers[layer]; }
  /// All, or those of a sample.
  const IndexSet& lines() const { return m_lines; }
  const IndexSet& samples() const { return m_samples; }

 private:
  void addPlane(const BlockView& plane, std::vector<Number>& numbers) {
    numbers.reserve(numbers.size() + static_cast<std::size_t>(plane.count()));
    std::vector<double> row(static_cast<std::size_t>(plane.shape[1]));
    forEachRun(plane, [&](const std::byte* p, std::int64_t n, std::int64_t step) {
      m_loader.loadNan(p, step, static_cast<std::size_t>(n), row.data());
      for (const double value : row) numbers.push_back(m_numberOf(value));
    });
  }

  RunLoader<double> m_loader;
  PlacePlanes m_dims;
  NumberOf m_numberOf;
  IndexSet m_lines, m_samples;
  std::size_t m_pixels;
  std::vector<std::int64_t> m_layers;
  std::vector<std::vector<Number>> m_numbers;  ///< of each layer
};

}  // namespace cubeloom
