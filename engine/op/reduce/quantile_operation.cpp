// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/reduce/quantile_operation.h"

#include <algorithm>

#include "engine/op/reduce/order_statistics.h"
#include "engine/op/reduce/rank_search.h"
#include "engine/op/reduce/valid_values.h"

namespace cubeloom {
namespace {

constexpr double kSelectedBytes = 8.0 * 1048576;  // of all values of one result

using Request = std::shared_ptr<const QuantileRequest>;

Region keptRegion(const QuantileRequest& request, const Region& region) {
  return request.hasDim ? Region(region.begin() + 1, region.end()) : region;
}

/// Which of the quantiles plane `k` of an output region is.
std::size_t quantileAt(const QuantileRequest& request, const Region& region, std::int64_t k) {
  return request.hasDim ? static_cast<std::size_t>(region[0].at(k)) : 0;
}

/// Reads all values of the results and selects from them.
class SelectTask : public Task {
 public:
  SelectTask(Request request, Region region) : m_request(std::move(request)), m_region(std::move(region)) {
    Need need;
    need.region = m_request->dims.inputRegion(m_request->input, keptRegion(*m_request, m_region));
    m_needs.push_back(std::move(need));
  }
  const std::vector<Need>& needs() const override { return m_needs; }

  std::size_t scratchBytes() const override {
    return static_cast<std::size_t>(regionCount(m_needs[0].region)) * pixelTypeBytes(m_request->input.type) +
           static_cast<std::size_t>(regionCount(m_region)) * 2 * sizeof(double);
  }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    std::vector<double> results;
    dispatchRealType(m_request->input.type, [&](auto sample) { results = select<decltype(sample)>(inputs[0]); });
    const std::size_t planes = m_request->hasDim ? static_cast<std::size_t>(m_region[0].count()) : 1;
    fillReduced(out, m_request->hasDim ? 0 : -1,
                [&](std::size_t set, std::int64_t k) { return results[set * planes + static_cast<std::size_t>(k)]; });
    return {};
  }

 private:
  /// The quantiles of each set, one set after another.
  template <class T>
  std::vector<double> select(const BlockView& input) const {
    const ValidValues<T> isValid(m_request->input.type, m_request->input.nodata);
    const auto sets = static_cast<std::size_t>(regionCount(keptRegion(*m_request, m_region)));
    const auto most = static_cast<std::size_t>(m_request->dims.reducedCount(m_request->input));
    std::vector<T> values(sets * most);
    std::vector<std::size_t> count(sets, 0);
    const auto keep = [&](std::size_t set, T value) {
      if (isValid(value)) values[set * most + count[set]++] = value;
    };
    forEachSpan<T>(
        input, m_request->dims,
        [&](std::size_t set, const T* run, std::size_t n) {
          for (std::size_t i = 0; i < n; ++i) keep(set, run[i]);
        },
        [&](std::size_t first, const T* row, std::size_t n) {
          for (std::size_t i = 0; i < n; ++i) keep(first + i, row[i]);
        });
    std::vector<double> results;
    const std::int64_t planes = m_request->hasDim ? m_region[0].count() : 1;
    for (std::size_t set = 0; set < sets; ++set)
      for (std::int64_t k = 0; k < planes; ++k)
        results.push_back(quantile(&values[set * most], count[set], m_request->quantiles[quantileAt(*m_request, m_region, k)]));
    return results;
  }

  template <class T>
  double quantile(T* values, std::size_t count, double q) const {
    if (count == 0) return m_request->empty;
    const QuantileRank rank = quantileRank(q, static_cast<std::int64_t>(count));
    T* lower = values + rank.lower;
    std::nth_element(values, lower, values + count);
    const T upper = rank.upper > rank.lower ? *std::min_element(lower + 1, values + count) : *lower;
    return between(static_cast<double>(*lower), static_cast<double>(upper), rank.weight);
  }

  Request m_request;
  Region m_region;
  std::vector<Need> m_needs;
};

class BoundSelect : public KernelOperation {
 public:
  explicit BoundSelect(Request request) : m_request(std::move(request)) {
    m_spec = m_request->output;
    m_summary = m_request->summary;
    m_warnings = m_request->warnings;
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override { return std::make_unique<SelectTask>(m_request, region); }

 private:
  Request m_request;
};

using Found = std::shared_ptr<const std::vector<double>>;

/// Hands out what was found.
class FoundTask : public Task {
 public:
  FoundTask(Request request, Found found, Region region)
      : m_request(std::move(request)), m_found(std::move(found)), m_region(std::move(region)) {}
  const std::vector<Need>& needs() const override { return m_needs; }

  Result<void> run(const std::vector<BlockView>& /*inputs*/, const BlockView& out) override {
    if (!m_found) return fail(ErrorCode::Internal, "the quantiles have not been searched");
    const Region kept = keptRegion(*m_request, m_region);
    std::vector<std::size_t> sets{0};
    for (std::size_t d = 0, place = 0; d < m_request->input.dims.size(); ++d) {
      if (m_request->dims.isReduced(d)) continue;
      std::vector<std::size_t> inner;
      for (const std::size_t set : sets)
        for (std::int64_t i = 0; i < kept[place].count(); ++i)
          inner.push_back(set * static_cast<std::size_t>(m_request->input.dims[d].size) + static_cast<std::size_t>(kept[place].at(i)));
      sets = std::move(inner);
      ++place;
    }
    fillReduced(out, m_request->hasDim ? 0 : -1, [&](std::size_t element, std::int64_t k) {
      return (*m_found)[sets[element] * m_request->quantiles.size() + quantileAt(*m_request, m_region, k)];
    });
    return {};
  }

 private:
  Request m_request;
  Found m_found;
  Region m_region;
  std::vector<Need> m_needs;
};

/// One pass of a search. What is bound until the next one, and what comes of the quantiles, is its user's.
class SearchPass : public ReducedFit {
 public:
  SearchPass(Request request, UntilFound pending, WithQuantiles done, RankSearch search, std::size_t number)
      : ReducedFit(request->input, request->dims),
        m_request(std::move(request)),
        m_pending(std::move(pending)),
        m_done(std::move(done)),
        m_search(std::move(search)),
        m_number(number) {}

  std::unique_ptr<Accumulator> accumulator() const override { return searchCounts(*m_request, m_search); }
  double accumulatorBytes() const override { return searchBytes(*m_request); }
  double fittedBytes() const override { return static_cast<double>(sets() * m_request->quantiles.size() * 6 * sizeof(double)); }
  int passes() const override { return static_cast<int>(searchBits(*m_request).size() - m_number); }
  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total, const CancelToken& /*cancel*/) const override {
    const std::vector<int> shares = searchBits(*m_request);
    const bool isLast = m_number + 1 == shares.size();
    RankSearch search = narrowed(*m_request, m_search, total, isLast ? 0 : shares[m_number + 1]);
    if (isLast) return m_done(foundQuantiles(*m_request, search));
    return m_pending(std::make_unique<SearchPass>(m_request, m_pending, m_done, std::move(search), m_number + 1));
  }

 private:
  Request m_request;
  UntilFound m_pending;
  WithQuantiles m_done;
  RankSearch m_search;
  std::size_t m_number;  ///< of the pass, from 0
};

/// Quantiles that are, or have been, searched.
class BoundSearch : public FitOperation {
 public:
  BoundSearch(Request request, std::unique_ptr<const FitPass> pass, Found found)
      : m_request(std::move(request)), m_pass(std::move(pass)), m_found(std::move(found)) {
    m_spec = m_request->output;
    m_summary = m_request->summary;
    m_warnings = m_request->warnings;
  }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    return std::make_unique<FoundTask>(m_request, m_found, region);
  }
  const FitPass* pendingPass() const override { return m_pass.get(); }

 private:
  Request m_request;
  std::unique_ptr<const FitPass> m_pass;
  Found m_found;  ///< null as long as there is a pass to go
};

}  // namespace

std::shared_ptr<const BoundOperation> boundQuantile(QuantileRequest wanted) {
  const auto request = std::make_shared<const QuantileRequest>(std::move(wanted));
  const double valueBytes =
      static_cast<double>(request->dims.reducedCount(request->input)) * static_cast<double>(pixelTypeBytes(request->input.type));
  if (valueBytes <= kSelectedBytes) return std::make_shared<BoundSelect>(request);
  const UntilFound pending = [request](std::unique_ptr<const FitPass> pass) {
    return std::make_shared<BoundSearch>(request, std::move(pass), nullptr);
  };
  const WithQuantiles done = [request](std::vector<double> found) {
    return std::make_shared<BoundSearch>(request, nullptr, std::make_shared<std::vector<double>>(std::move(found)));
  };
  return pending(std::make_unique<SearchPass>(request, pending, done, firstSearch(*request), 0));
}

std::shared_ptr<const BoundOperation> searchedQuantiles(QuantileRequest wanted, const UntilFound& pending, const WithQuantiles& done) {
  const auto request = std::make_shared<const QuantileRequest>(std::move(wanted));
  return pending(std::make_unique<SearchPass>(request, pending, done, firstSearch(*request), 0));
}

}  // namespace cubeloom
