// SPDX-License-Identifier: GPL-3.0-or-later
// The moments of the values of each zone.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/op/reduce/moments.h"

namespace cubeloom {

/// Which zone a label is.
class ZoneTable {
 public:
  explicit ZoneTable(const std::vector<std::int64_t>& labels);
  /// -1: none.
  std::int32_t zoneOf(std::int64_t label) const;
  std::size_t bytes() const { return m_labels.size() * sizeof(Entry) + m_dense.size() * sizeof(std::int32_t); }
  /// What bytes() is at most.
  static double mostBytes(std::int64_t count);

 private:
  struct Entry {
    std::int64_t label;
    std::int32_t zone;
  };
  std::vector<Entry> m_labels;        ///< ascending
  std::vector<std::int32_t> m_dense;  ///< of all labels from the first one to the last, where they lie close together
};

/// The moments of some values, of each of which `weight` counts. Sums are kept as differences from the first value. Squared deviations
/// follow Youngs and Cramer, with weights West 1979 (doi:10.1145/359146.359153), those of later parts Chan, Golub, LeVeque 1983
/// (doi:10.1080/00031305.1983.10483115), (1.3) and (2.1).
struct ZoneState {
  double count = 0, first = 0, sum = 0, squares = 0, low = 0, high = 0;  ///< `sum` of the differences from `first`
  void add(double value, double weight = 1);
  void merge(const ZoneState& later);
  double mean() const { return first + sum / count; }
  Moment moment() const;
};

/// What is read: [values], and [labels] along those dims of the values that go; further dims of the labels have one entry.
struct ZonalInputs {
  ArraySpec values;
  PixelType labelType = PixelType::Int32;
  std::optional<double> labelNodata;
  ReducedDims dims;
  std::vector<int> labelDims = {};  ///< of each dim of the values that goes, in their order: which of the labels' it is
  std::size_t labelDimCount = 0;
};

/// Each zone's and element's moments, value by value in the row-major order of the values' dims.
class ZoneMoments : public Accumulator {
 public:
  /// `zones` of the table count from 0 to `zoneCount`; `elements`: how many stay of the values. All but counts must outlive it.
  ZoneMoments(const ZonalInputs& inputs, const ZoneTable& table, std::size_t zoneCount, std::size_t elements);
  Result<void> add(const BlockView& input) override;
  Result<void> addWith(const BlockView& input, const std::vector<BlockView>& beside) override;
  void merge(const Accumulator& later) override;
  void carry(StateCarrier& state) override { state.all(m_states); }
  std::size_t bytes() const override { return m_states.size() * kStateBytes; }
  Moment moment(std::size_t zone, std::size_t element) const;

  static constexpr std::size_t kStateBytes = 6 * sizeof(double);
  static constexpr std::int64_t kMostPixels = 65536;  ///< whose zones are held at once
  static constexpr std::size_t kScratchBytes = kMostPixels * sizeof(std::int32_t);

 private:
  static_assert(sizeof(ZoneState) == kStateBytes);
  void addInOrder(const BlockView& values, const BlockView& labels);
  void addPixels(const BlockView& values, const std::vector<std::int32_t>& zones);
  std::vector<std::int32_t> zonesOf(const BlockView& labels) const;
  void addElement(const BlockView& values, std::size_t element, const std::vector<std::int32_t>& zones);

  const ZonalInputs& m_inputs;
  const ZoneTable& m_table;
  std::size_t m_elements;
  std::vector<std::size_t> m_goes;  ///< dims of the values that the labels lie along
  std::vector<ZoneState> m_states;  ///< [zone * elements + element]
};

}  // namespace cubeloom
