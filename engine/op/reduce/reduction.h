// SPDX-License-Identifier: GPL-3.0-or-later
// What reductions and fits have in common: which dims go, how the elements of what stays are numbered, in which order values come.
#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "engine/op/operation.h"
#include "engine/op/reduce/part_cut.h"

namespace cubeloom {

/// The dims of an input that go, and those that stay, in their order.
struct ReducedDims {
  std::vector<int> keptPlace;  ///< of each input dim among those that stay; -1: it goes
  bool isReduced(std::size_t d) const { return keptPlace[d] < 0; }
  /// The first dim that goes: values come in its order.
  int slowest() const;
  /// How many values become one.
  std::int64_t reducedCount(const ArraySpec& input) const;
  std::int64_t keptCount(const ArraySpec& input) const;
  /// The input of the elements `kept` of what stays.
  Region inputRegion(const ArraySpec& input, const Region& kept) const;
};

/// The dims named by parameter `dims`; complex values and unknown dims are errors.
Result<ReducedDims> reducedDims(const Params& params, const ArraySpec& input);
/// The input without them; pixel type and nodata as they were.
ArraySpec withoutReduced(const ArraySpec& input, const ReducedDims& dims);
/// Puts a dim that the input does not have before all others; false when there is one of that name.
bool prependDim(ArraySpec& spec, Dim dim);

/// A reduction of input 0: ReducerOperation's questions about parts, answered.
class ReductionOperation : public ReducerOperation {
 public:
  std::vector<Region> parts(const Region& region) const override;
  std::vector<Region> pieces(const Region& part) const override { return m_cut.pieces(part); }
  bool mergesParts() const override { return m_mergesParts; }
  double partialBytes(const Region& region) const override;

 protected:
  /// `newDim`: the output's dim that the input does not have; -1: none. `stateBytes`: of an accumulator, per element that stays.
  ReductionOperation(const ArraySpec& input, ReducedDims dims, int newDim, double stateBytes);
  /// `region` without the new dim.
  Region keptRegion(const Region& region) const;

  ArraySpec m_input;
  ReducedDims m_dims;
  int m_newDim;

 private:
  double m_stateBytes;
  bool m_mergesParts;
  PartCut m_cut;
};

/// A fit that learns something for every element that stays: FitPass' questions about parts, answered.
class ReducedFit : public FitPass {
 public:
  std::vector<Region> parts() const override { return m_cut.parts(fullRegion(m_input.shape()), true); }
  std::vector<Region> pieces(const Region& part) const override { return m_cut.pieces(part); }
  std::vector<bool> canBeSampled() const override;

 protected:
  ReducedFit(const ArraySpec& input, ReducedDims dims);
  std::size_t sets() const { return m_sets; }

  ArraySpec m_input;
  ReducedDims m_dims;

 private:
  std::size_t m_sets;
  PartCut m_cut;
};

/// A reduction's state from an accumulator and what it says in the end.
template <class Gathered, class Finish>
class PartialOf : public Partial {
 public:
  PartialOf(std::unique_ptr<Gathered> gathered, Finish finish) : m_gathered(std::move(gathered)), m_finish(std::move(finish)) {}
  Result<void> add(const BlockView& input) override { return m_gathered->add(input); }
  void merge(const Accumulator& later) override { m_gathered->merge(*static_cast<const PartialOf&>(later).m_gathered); }
  void carry(StateCarrier& state) override { m_gathered->carry(state); }
  std::size_t bytes() const override { return m_gathered->bytes(); }
  Result<void> finish(const BlockView& out) const override {
    m_finish(*m_gathered, out);
    return {};
  }

 private:
  std::unique_ptr<Gathered> m_gathered;
  Finish m_finish;
};
/// `finish(gathered, out)` fills the output.
template <class Gathered, class Finish>
std::unique_ptr<Partial> partialOf(std::unique_ptr<Gathered> gathered, Finish finish) {
  return std::make_unique<PartialOf<Gathered, Finish>>(std::move(gathered), std::move(finish));
}

/// Calls `write(element that stays, index along the new dim, its bytes)` for every element of `out`; `newDim` -1: the index is 0.
template <class Write>
void writeReduced(const BlockView& out, int newDim, Write&& write) {
  const std::int64_t planes = newDim < 0 ? 1 : out.shape[static_cast<std::size_t>(newDim)];
  for (std::int64_t k = 0; k < planes; ++k) {
    std::size_t element = 0;
    forEachRun(newDim < 0 ? out : out.at(newDim, k), [&](std::byte* p, std::int64_t n, std::int64_t step) {
      for (std::int64_t i = 0; i < n; ++i, p += step) write(element++, k, p);
    });
  }
}

/// Sets every element of `out` to `value(element that stays, index along the new dim)`, converted.
template <class Value>
void fillReduced(const BlockView& out, int newDim, Value&& value) {
  dispatchRealType(out.type, [&](auto sample) {
    using T = decltype(sample);
    writeReduced(out, newDim,
                 [&](std::size_t element, std::int64_t k, std::byte* p) { *reinterpret_cast<T*>(p) = convertPixel<T>(value(element, k)); });
  });
}

/// Calls `one(element, values, count)` for values that all belong to one element, `row(element, values, count)` for values of consecutive
/// elements, in the row-major order of the input's dims; at most kRunValues at once, without gaps in memory. `elements`: how many stay.
template <class T, class One, class Row>
void forEachSpan(const BlockView& input, const ReducedDims& dims, One&& one, Row&& row) {
  if (input.shape.empty() || input.count() == 0) return;
  const std::size_t last = input.shape.size() - 1;
  std::vector<std::int64_t> stride(input.shape.size(), 0), index(last, 0);
  std::int64_t elements = 1;
  for (std::size_t d = input.shape.size(); d-- > 0;) {
    if (dims.isReduced(d)) continue;
    stride[d] = elements;
    elements *= input.shape[d];
  }
  std::vector<T> gathered;
  std::int64_t first = 0;
  forEachRun(input, [&](const std::byte* p, std::int64_t n, std::int64_t step) {
    for (std::int64_t i = 0; i < n; i += kRunValues) {
      const std::int64_t count = std::min(kRunValues, n - i);
      const std::byte* from = p + i * step;
      const T* values = reinterpret_cast<const T*>(from);
      if (step != static_cast<std::int64_t>(sizeof(T))) {
        gathered.resize(static_cast<std::size_t>(count));
        for (std::int64_t k = 0; k < count; ++k) std::memcpy(&gathered[static_cast<std::size_t>(k)], from + k * step, sizeof(T));
        values = gathered.data();
      }
      if (dims.isReduced(last)) {
        one(static_cast<std::size_t>(first), values, static_cast<std::size_t>(count));
      } else {
        row(static_cast<std::size_t>(first + i), values, static_cast<std::size_t>(count));
      }
    }
    for (std::size_t d = last; d-- > 0;) {
      first += stride[d];
      if (++index[d] < input.shape[d]) break;
      first -= stride[d] * input.shape[d];
      index[d] = 0;
    }
  });
}

}  // namespace cubeloom
