// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/reduce/pick_operation.h"

#include <cmath>

#include "engine/op/reduce/valid_values.h"

namespace cubeloom {
namespace {

/// Writes what was picked; the one way in which a state of any type is asked.
class PickState : public Accumulator {
 public:
  virtual void write(std::size_t set, std::byte* out) const = 0;
};

template <class T>
class TypedPicks : public PickState {
 public:
  TypedPicks(const ArraySpec& input, const ReducedDims& dims, Pick pick, const ArraySpec& output, std::size_t sets)
      : m_dims(dims),
        m_pick(pick),
        m_outType(output.type),
        m_nodata(output.nodata.value_or(0)),
        m_isValid(input.type, input.nodata),
        m_sets(sets) {}

  Result<void> add(const BlockView& input) override {
    forEachSpan<T>(
        input, m_dims,
        [this](std::size_t set, const T* values, std::size_t count) {
          for (std::size_t i = 0; i < count; ++i) take(m_sets[set], values[i]);
        },
        [this](std::size_t set, const T* values, std::size_t count) {
          for (std::size_t i = 0; i < count; ++i) take(m_sets[set + i], values[i]);
        });
    return {};
  }

  void merge(const Accumulator& other) override {
    const auto& later = static_cast<const TypedPicks&>(other);
    for (std::size_t i = 0; i < m_sets.size(); ++i) {
      Set& set = m_sets[i];
      const Set& next = later.m_sets[i];
      if (next.isSet && (!set.isSet || replaces(next.value, set.value))) {
        set.value = next.value;
        set.index = set.seen + next.index;
        set.isSet = true;
      }
      set.seen += next.seen;
    }
  }

  void carry(StateCarrier& state) override { state.all(m_sets); }
  std::size_t bytes() const override { return m_sets.size() * sizeof(Set); }
  static std::size_t setBytes() { return sizeof(Set); }

  void write(std::size_t i, std::byte* out) const override {
    const Set& set = m_sets[i];
    if (set.isSet && (m_pick == Pick::First || m_pick == Pick::Last)) {
      *reinterpret_cast<T*>(out) = set.value;
      return;
    }
    dispatchRealType(m_outType, [&](auto sample) {
      using Out = decltype(sample);
      const bool isIndex = m_pick == Pick::ArgMin || m_pick == Pick::ArgMax;
      const double value = !set.isSet ? m_nodata : isIndex ? static_cast<double>(set.index) : set.value != T{0} ? 1.0 : 0.0;
      *reinterpret_cast<Out*>(out) = convertPixel<Out>(value);
    });
  }

 private:
  struct Set {
    T value{};
    std::int64_t index = 0, seen = 0;
    bool isSet = false;
  };

  bool replaces(T value, T present) const {
    switch (m_pick) {
      case Pick::First: return false;
      case Pick::Last: return true;
      case Pick::ArgMin: return value < present;
      case Pick::ArgMax: return value > present;
      case Pick::Any: return present == T{0};
      default: return present != T{0};
    }
  }

  void take(Set& set, T value) {
    if (m_isValid(value) && (!set.isSet || replaces(value, set.value))) {
      set.value = value;
      set.index = set.seen;
      set.isSet = true;
    }
    ++set.seen;
  }

  const ReducedDims& m_dims;
  Pick m_pick;
  PixelType m_outType;
  double m_nodata;
  ValidValues<T> m_isValid;
  std::vector<Set> m_sets;
};

class BoundPick : public ReductionOperation {
 public:
  BoundPick(const ArraySpec& input, const ReducedDims& dims, Pick pick, ArraySpec output, std::string summary,
            std::vector<std::string> warnings)
      : ReductionOperation(input, dims, -1, static_cast<double>(TypedPicks<double>::setBytes())), m_pick(pick) {
    m_spec = std::move(output);
    m_summary = std::move(summary);
    m_warnings = std::move(warnings);
  }

  std::unique_ptr<Partial> partial(const Region& region) const override {
    const auto sets = static_cast<std::size_t>(regionCount(region));
    return partialOf(stateOf(sets), [](const PickState& state, const BlockView& out) {
      writeReduced(out, -1, [&](std::size_t set, std::int64_t, std::byte* p) { state.write(set, p); });
    });
  }

 private:
  std::unique_ptr<PickState> stateOf(std::size_t sets) const {
    return dispatchRealType(m_input.type, [&](auto sample) -> std::unique_ptr<PickState> {
      return std::make_unique<TypedPicks<decltype(sample)>>(m_input, m_dims, m_pick, m_spec, sets);
    });
  }

  Pick m_pick;
};

}  // namespace

std::shared_ptr<const BoundOperation> boundPick(const ArraySpec& input, const ReducedDims& dims, Pick pick, ArraySpec output,
                                                std::string summary, std::vector<std::string> warnings) {
  return std::make_shared<BoundPick>(input, dims, pick, std::move(output), std::move(summary), std::move(warnings));
}

}  // namespace cubeloom
