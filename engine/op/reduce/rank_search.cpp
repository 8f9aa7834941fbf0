// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/reduce/rank_search.h"

#include <algorithm>
#include <cmath>

#include "engine/op/reduce/order_statistics.h"
#include "engine/op/reduce/valid_values.h"

namespace cubeloom {
namespace {

constexpr double kMostCountBytes = 8.0 * 1048576;
constexpr int kLeastBits = 4, kMostBits = 16;

int keyBits(const QuantileRequest& request) { return static_cast<int>(pixelTypeBytes(request.input.type)) * 8; }

/// A count cannot pass the number of values of a set.
std::size_t countBytes(const QuantileRequest& request) {
  return request.dims.reducedCount(request.input) < (std::int64_t{1} << 32) ? sizeof(std::uint32_t) : sizeof(std::uint64_t);
}

/// Prefixes that a set can have in a pass: none but the empty one in the first.
double groupsPerSet(const QuantileRequest& request, bool isFirst) {
  return isFirst ? 1.0 : 2.0 * static_cast<double>(request.quantiles.size());
}

int bitsWithin(const QuantileRequest& request, bool isFirst) {
  const double perBin = static_cast<double>(request.sets()) * groupsPerSet(request, isFirst) * static_cast<double>(countBytes(request));
  return std::clamp(static_cast<int>(std::floor(std::log2(std::max(1.0, kMostCountBytes / perBin)))), kLeastBits, kMostBits);
}

/// Counts of all sets: for each of a set's prefixes 2^bits bins.
class SearchCounts : public Accumulator {
 public:
  virtual std::int64_t count(std::size_t group, std::size_t bin) const = 0;
  /// Number of a set's first prefix.
  virtual std::size_t firstGroup(std::size_t set) const = 0;
};

template <class T, class Count>
class TypedCounts : public SearchCounts {
 public:
  using Key = SortKey<T>;

  TypedCounts(const QuantileRequest& request, const RankSearch& search)
      : m_dims(request.dims),
        m_search(search),
        m_valid(request.input.type, request.input.nodata),
        m_bins(std::size_t{1} << search.bits),
        m_shift(static_cast<int>(sizeof(T)) * 8 - search.known - search.bits) {
    for (const auto& prefixes : search.prefixes) m_first.push_back((m_first.empty() ? 0 : m_first.back()) + prefixes.size());
    m_first.insert(m_first.begin(), 0);
    m_counts.assign(m_first.back() * m_bins, 0);
  }

  Result<void> add(const BlockView& input) override {
    forEachSpan<T>(
        input, m_dims,
        [this](std::size_t set, const T* values, std::size_t n) {
          for (std::size_t i = 0; i < n; ++i) addValue(set, values[i]);
        },
        [this](std::size_t first, const T* values, std::size_t n) {
          for (std::size_t i = 0; i < n; ++i) addValue(first + i, values[i]);
        });
    return {};
  }

  void merge(const Accumulator& later) override {
    const auto& other = static_cast<const TypedCounts&>(later);
    for (std::size_t i = 0; i < m_counts.size(); ++i) m_counts[i] += other.m_counts[i];
  }

  void carry(StateCarrier& state) override { state.all(m_counts); }
  std::size_t bytes() const override { return m_counts.size() * sizeof(Count); }
  std::int64_t count(std::size_t group, std::size_t bin) const override {
    return static_cast<std::int64_t>(m_counts[group * m_bins + bin]);
  }
  std::size_t firstGroup(std::size_t set) const override { return m_first[set]; }

 private:
  void addValue(std::size_t set, T value) {
    if (!m_valid(value)) return;
    const std::uint64_t leading = static_cast<std::uint64_t>(sortKey(value)) >> m_shift;
    const std::uint64_t prefix = leading >> m_search.bits;
    const std::vector<std::uint64_t>& prefixes = m_search.prefixes[set];
    for (std::size_t g = 0; g < prefixes.size() && prefixes[g] <= prefix; ++g)
      if (prefixes[g] == prefix) ++m_counts[(m_first[set] + g) * m_bins + (leading & (m_bins - 1))];
  }

  const ReducedDims& m_dims;
  const RankSearch& m_search;
  ValidValues<T> m_valid;
  std::size_t m_bins;
  int m_shift;
  std::vector<std::size_t> m_first;  ///< per set, and the end
  std::vector<Count> m_counts;
};

/// The targets of a set, once the number of its values is known.
std::vector<RankSearch::Target> targetsOf(const std::vector<double>& quantiles, std::int64_t count) {
  std::vector<RankSearch::Target> targets;
  for (const double q : quantiles) {
    const QuantileRank rank = quantileRank(q, count);
    targets.push_back({rank.lower, 0});
    targets.push_back({rank.upper, 0});
  }
  return targets;
}

}  // namespace

std::vector<int> searchBits(const QuantileRequest& request) {
  std::vector<int> shares;
  for (int left = keyBits(request); left > 0; left -= shares.back()) shares.push_back(std::min(left, bitsWithin(request, shares.empty())));
  return shares;
}

double searchBytes(const QuantileRequest& request) {
  const std::vector<int> shares = searchBits(request);
  double most = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) most = std::max(most, std::ldexp(groupsPerSet(request, i == 0), shares[i]));
  return most * static_cast<double>(request.sets() * countBytes(request));
}

RankSearch firstSearch(const QuantileRequest& request) {
  RankSearch search;
  search.bits = searchBits(request)[0];
  search.prefixes.assign(request.sets(), {0});
  return search;
}

std::unique_ptr<Accumulator> searchCounts(const QuantileRequest& request, const RankSearch& search) {
  return dispatchRealType(request.input.type, [&](auto sample) -> std::unique_ptr<Accumulator> {
    using T = decltype(sample);
    if (countBytes(request) == sizeof(std::uint32_t)) return std::make_unique<TypedCounts<T, std::uint32_t>>(request, search);
    return std::make_unique<TypedCounts<T, std::uint64_t>>(request, search);
  });
}

RankSearch narrowed(const QuantileRequest& request, const RankSearch& search, const Accumulator& counted, int bits) {
  const auto& counts = static_cast<const SearchCounts&>(counted);
  const std::size_t bins = std::size_t{1} << search.bits;
  RankSearch next;
  next.known = search.known + search.bits;
  next.bits = bits;
  next.counts = search.counts;
  next.targets = search.targets;
  next.targets.resize(request.sets());
  next.prefixes.resize(request.sets());
  for (std::size_t set = 0; set < request.sets(); ++set) {
    std::vector<RankSearch::Target>& targets = next.targets[set];
    const std::size_t first = counts.firstGroup(set);
    if (search.known == 0) {
      std::int64_t total = 0;
      for (std::size_t bin = 0; bin < bins; ++bin) total += counts.count(first, bin);
      next.counts.push_back(total);
      if (total > 0) targets = targetsOf(request.quantiles, total);
    }
    std::vector<std::uint64_t>& prefixes = next.prefixes[set];
    for (RankSearch::Target& target : targets) {
      const auto& known = search.prefixes[set];
      const auto group = first + static_cast<std::size_t>(std::lower_bound(known.begin(), known.end(), target.prefix) - known.begin());
      std::size_t bin = 0;
      while (target.rank >= counts.count(group, bin)) target.rank -= counts.count(group, bin++);
      target.prefix = (target.prefix << search.bits) | bin;
      prefixes.push_back(target.prefix);
    }
    std::sort(prefixes.begin(), prefixes.end());
    prefixes.erase(std::unique(prefixes.begin(), prefixes.end()), prefixes.end());
  }
  return next;
}

std::vector<double> foundQuantiles(const QuantileRequest& request, const RankSearch& search) {
  std::vector<double> found;
  dispatchRealType(request.input.type, [&](auto sample) {
    using T = decltype(sample);
    const auto value = [](const RankSearch::Target& target) {
      return static_cast<double>(keyValue<T>(static_cast<SortKey<T>>(target.prefix)));
    };
    for (std::size_t set = 0; set < request.sets(); ++set) {
      for (std::size_t k = 0; k < request.quantiles.size(); ++k) {
        const auto& targets = search.targets[set];
        found.push_back(targets.empty() ? request.empty
                                        : between(value(targets[2 * k]), value(targets[2 * k + 1]),
                                                  quantileRank(request.quantiles[k], search.counts[set]).weight));
      }
    }
  });
  return found;
}

}  // namespace cubeloom
