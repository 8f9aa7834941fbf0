// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/reduce/value_counts.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/op/reduce/valid_values.h"

namespace cubeloom {
namespace {

constexpr std::size_t kWaiting = 64;  // values that wait to be sorted in, at least

/// The values of one set: those counted, by value, and the latest ones, which are not yet.
template <class T>
class Tally {
 public:
  struct Entry {
    T value;
    std::int64_t count;
  };

  void add(T value) {
    m_waiting.push_back(value);
    if (m_waiting.size() >= std::max(kWaiting, m_entries.size() / 2)) settle();
  }

  void merge(const Tally& later) {
    settle();
    std::vector<Entry> theirs = later.m_entries;
    join(std::move(theirs));
    for (const T value : later.m_waiting) add(value);
  }

  /// Unset: there is no value.
  std::optional<T> mostFrequent() const {
    Tally all = *this;
    all.settle();
    const Entry* most = nullptr;
    for (const Entry& entry : all.m_entries)
      if (most == nullptr || entry.count > most->count) most = &entry;
    return most == nullptr ? std::nullopt : std::optional<T>(most->value);
  }

  void carry(StateCarrier& state) {
    settle();
    std::vector<T> values;
    std::vector<std::int64_t> counts;
    for (const Entry& entry : m_entries) {
      values.push_back(entry.value);
      counts.push_back(entry.count);
    }
    state.any(values);
    state.any(counts);
    m_entries.clear();
    for (std::size_t i = 0; i < std::min(values.size(), counts.size()); ++i) m_entries.push_back({values[i], counts[i]});
  }

  std::size_t bytes() const { return sizeof(Tally) + m_entries.capacity() * sizeof(Entry) + m_waiting.capacity() * sizeof(T); }

 private:
  void settle() {
    std::sort(m_waiting.begin(), m_waiting.end());
    std::vector<Entry> found;
    for (const T value : m_waiting) {
      if (found.empty() || found.back().value < value) found.push_back({value, 0});
      ++found.back().count;
    }
    m_waiting.clear();
    join(std::move(found));
  }

  void join(std::vector<Entry> others) {
    if (m_entries.empty()) {
      m_entries = std::move(others);
      return;
    }
    std::vector<Entry> all;
    all.reserve(m_entries.size() + others.size());
    auto other = others.begin();
    for (const Entry& entry : m_entries) {
      for (; other != others.end() && other->value < entry.value; ++other) all.push_back(*other);
      all.push_back(entry);
      if (other != others.end() && !(entry.value < other->value)) all.back().count += (other++)->count;
    }
    all.insert(all.end(), other, others.end());
    all.shrink_to_fit();
    m_entries = std::move(all);
  }

  std::vector<Entry> m_entries;
  std::vector<T> m_waiting;
};

template <class T>
class TypedTallies : public ValueCounts {
 public:
  TypedTallies(PixelType type, const std::optional<double>& nodata, const ReducedDims& dims, std::size_t sets)
      : m_dims(dims), m_valid(type, nodata), m_sets(sets) {}

  Result<void> add(const BlockView& input) override {
    forEachSpan<T>(
        input, m_dims,
        [this](std::size_t set, const T* values, std::size_t n) {
          for (std::size_t i = 0; i < n; ++i)
            if (m_valid(values[i])) m_sets[set].add(values[i]);
        },
        [this](std::size_t first, const T* values, std::size_t n) {
          for (std::size_t i = 0; i < n; ++i)
            if (m_valid(values[i])) m_sets[first + i].add(values[i]);
        });
    return {};
  }
  void merge(const Accumulator& later) override {
    const auto& other = static_cast<const TypedTallies&>(later);
    for (std::size_t i = 0; i < m_sets.size(); ++i) m_sets[i].merge(other.m_sets[i]);
  }
  void carry(StateCarrier& state) override {
    for (Tally<T>& set : m_sets) set.carry(state);
  }
  std::size_t bytes() const override {
    std::size_t bytes = 0;
    for (const Tally<T>& set : m_sets) bytes += set.bytes();
    return bytes;
  }
  bool writeMostFrequent(std::size_t set, std::byte* out) const override {
    const auto value = m_sets[set].mostFrequent();
    if (value) *reinterpret_cast<T*>(out) = *value;
    return value.has_value();
  }

 private:
  const ReducedDims& m_dims;
  ValidValues<T> m_valid;
  std::vector<Tally<T>> m_sets;
};

}  // namespace

std::unique_ptr<ValueCounts> makeValueCounts(PixelType type, const std::optional<double>& nodata, const ReducedDims& dims,
                                             std::size_t sets) {
  return dispatchRealType(type, [&](auto sample) -> std::unique_ptr<ValueCounts> {
    return std::make_unique<TypedTallies<decltype(sample)>>(type, nodata, dims, sets);
  });
}

double valueCountBytes(PixelType type, std::int64_t values) {
  const double all =
      isInteger(type) && pixelTypeBytes(type) <= 2 ? std::pow(2.0, 8.0 * static_cast<double>(pixelTypeBytes(type))) : INFINITY;
  const auto count = static_cast<double>(values);
  const double distinct = std::min(count, all), waiting = std::min(count, std::max(static_cast<double>(kWaiting), distinct));
  // Entries beside the ones they are joined to, and what waits in a vector of up to twice as many.
  return static_cast<double>(sizeof(Tally<double>)) + 2 * distinct * static_cast<double>(sizeof(Tally<double>::Entry)) +
         2 * waiting * static_cast<double>(pixelTypeBytes(type));
}

}  // namespace cubeloom
