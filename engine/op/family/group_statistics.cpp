// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/group_statistics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/array/resampled_meaning.h"
#include "engine/op/family/computed.h"

namespace cubeloom {
namespace {

struct StatisticWords {
  GroupStatistic statistic;
  const char* name;
  const char* cellMethod;  ///< CF's word; "" where it has none
};
constexpr std::array<StatisticWords, 10> kStatisticWords{{{GroupStatistic::Mean, "mean", "mean"},
                                                          {GroupStatistic::Median, "median", "median"},
                                                          {GroupStatistic::Min, "min", "minimum"},
                                                          {GroupStatistic::Max, "max", "maximum"},
                                                          {GroupStatistic::Std, "std", "standard_deviation"},
                                                          {GroupStatistic::Var, "var", "variance"},
                                                          {GroupStatistic::Sum, "sum", "sum"},
                                                          {GroupStatistic::Count, "count", ""},
                                                          {GroupStatistic::First, "first", "point"},
                                                          {GroupStatistic::Last, "last", "point"}}};

const StatisticWords& wordsOf(GroupStatistic statistic) {
  return *std::find_if(kStatisticWords.begin(), kStatisticWords.end(),
                       [statistic](const StatisticWords& words) { return words.statistic == statistic; });
}

/// The statistics of one group for all pixels of a run.
template <class T>
class GroupOfRun {
 public:
  explicit GroupOfRun(const DimRun<T>& run)
      : m_run(run), m_counts(run.pixels), m_sums(run.pixels), m_more(run.pixels), m_base(run.pixels) {}

  void write(const EntryGroup& group, GroupStatistic statistic, std::size_t minCount, std::size_t row) {
    m_group = &group;
    m_out = m_run.out + row * m_run.pixels;
    count();
    make(statistic);
    std::uint8_t* valid = m_run.outValid + row * m_run.pixels;
    for (std::size_t p = 0; p < m_run.pixels; ++p) valid[p] = m_counts[p] >= minCount;
  }

 private:
  /// Calls `take(p, value, valid, weight)` for all entries of the group and all pixels.
  template <class F>
  void each(F&& take) const {
    for (std::size_t j = 0; j < m_group->entries.size(); ++j) {
      const T* __restrict values = m_run.in + m_group->entries[j] * m_run.pixels;
      const std::uint8_t* __restrict valid = m_run.valid + m_group->entries[j] * m_run.pixels;
      const double weight = m_group->weights.empty() ? 1 : m_group->weights[j];
      for (std::size_t p = 0; p < m_run.pixels; ++p) take(p, values[p], valid[p] != 0, weight);
    }
  }

  void count() {
    std::fill(m_counts.begin(), m_counts.end(), 0U);
    each([this](std::size_t p, T /*value*/, bool isValid, double /*weight*/) { m_counts[p] += isValid ? 1U : 0U; });
  }

  void make(GroupStatistic statistic) {
    switch (statistic) {
      case GroupStatistic::Count:
        for (std::size_t p = 0; p < m_run.pixels; ++p) m_out[p] = static_cast<T>(m_counts[p]);
        return;
      case GroupStatistic::Min: return extreme([](T value, T best) { return value < best; }, kMost);
      case GroupStatistic::Max: return extreme([](T value, T best) { return value > best; }, kLeast);
      case GroupStatistic::First:
      case GroupStatistic::Last: return chosen(statistic == GroupStatistic::First);
      case GroupStatistic::Median: return median();
      case GroupStatistic::Sum: return sum();
      case GroupStatistic::Mean: return mean();
      case GroupStatistic::Std:
      case GroupStatistic::Var: return spread(statistic == GroupStatistic::Std);
    }
  }

  template <class F>
  void extreme(F&& isBetter, T worst) {
    std::fill_n(m_out, m_run.pixels, worst);
    each([&](std::size_t p, T value, bool isValid, double /*weight*/) {
      m_out[p] = isValid && isBetter(value, m_out[p]) ? value : m_out[p];
    });
  }

  void chosen(bool isFirst) {
    std::vector<std::uint8_t>& found = m_found;
    found.assign(m_run.pixels, 0);
    std::fill_n(m_out, m_run.pixels, T{0});
    each([&](std::size_t p, T value, bool isValid, double /*weight*/) {
      const bool takes = isValid && !(isFirst && found[p] != 0);
      m_out[p] = takes ? value : m_out[p];
      found[p] |= static_cast<std::uint8_t>(isValid);
    });
  }

  void median() {
    for (std::size_t p = 0; p < m_run.pixels; ++p) {
      m_values.clear();
      for (const std::size_t entry : m_group->entries)
        if (m_run.valid[entry * m_run.pixels + p]) m_values.push_back(m_run.in[entry * m_run.pixels + p]);
      if (m_values.empty()) continue;
      const auto middle = m_values.begin() + static_cast<std::ptrdiff_t>(m_values.size() / 2);
      std::nth_element(m_values.begin(), middle, m_values.end());
      const double upper = static_cast<double>(*middle);
      const double lower = m_values.size() % 2 == 1 ? upper : static_cast<double>(*std::max_element(m_values.begin(), middle));
      m_out[p] = static_cast<T>((lower + upper) / 2);
    }
  }

  void sum() {
    std::fill(m_sums.begin(), m_sums.end(), 0.0);
    each([this](std::size_t p, T value, bool isValid, double weight) { m_sums[p] += isValid ? weight * static_cast<double>(value) : 0.0; });
    for (std::size_t p = 0; p < m_run.pixels; ++p) m_out[p] = static_cast<T>(m_sums[p]);
  }

  /// The weights of what is valid, in m_more.
  void weigh() {
    std::fill(m_more.begin(), m_more.end(), 0.0);
    each([this](std::size_t p, T /*value*/, bool isValid, double weight) { m_more[p] += isValid ? weight : 0.0; });
  }

  void mean() {
    sumsAndWeights();
    for (std::size_t p = 0; p < m_run.pixels; ++p) m_out[p] = static_cast<T>(m_sums[p] / m_more[p]);
  }

  void sumsAndWeights() {
    weigh();
    std::fill(m_sums.begin(), m_sums.end(), 0.0);
    each([this](std::size_t p, T value, bool isValid, double weight) { m_sums[p] += isValid ? weight * static_cast<double>(value) : 0.0; });
  }

  /// From the mean, which is counted from a value, so that equal values have no spread at all.
  void spread(bool isRoot) {
    weigh();
    chosen(true);
    for (std::size_t p = 0; p < m_run.pixels; ++p) m_base[p] = static_cast<double>(m_out[p]);
    std::fill(m_sums.begin(), m_sums.end(), 0.0);
    each([this](std::size_t p, T value, bool isValid, double weight) {
      m_sums[p] += isValid ? weight * (static_cast<double>(value) - m_base[p]) : 0.0;
    });
    for (std::size_t p = 0; p < m_run.pixels; ++p) m_base[p] += m_sums[p] / m_more[p];
    std::fill(m_sums.begin(), m_sums.end(), 0.0);
    each([this](std::size_t p, T value, bool isValid, double weight) {
      const double off = static_cast<double>(value) - m_base[p];
      m_sums[p] += isValid ? weight * off * off : 0.0;
    });
    for (std::size_t p = 0; p < m_run.pixels; ++p) {
      const double variance = m_sums[p] / m_more[p];
      m_out[p] = static_cast<T>(isRoot ? std::sqrt(variance) : variance);
    }
  }

  using Limits = std::numeric_limits<T>;
  static constexpr T kMost = Limits::has_infinity ? Limits::infinity() : Limits::max();
  static constexpr T kLeast = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();

  const DimRun<T>& m_run;
  const EntryGroup* m_group = nullptr;
  T* m_out = nullptr;
  std::vector<std::uint32_t> m_counts;
  std::vector<double> m_sums, m_more, m_base;
  std::vector<std::uint8_t> m_found;
  std::vector<T> m_values;
};

bool keepsValues(GroupStatistic statistic) {
  return statistic == GroupStatistic::Min || statistic == GroupStatistic::Max || statistic == GroupStatistic::First ||
         statistic == GroupStatistic::Last;
}

}  // namespace

std::shared_ptr<const DimKernel> groupStatistics(std::vector<EntryGroup> groups, GroupStatistic statistic, std::size_t minCount) {
  if (statistic != GroupStatistic::Count) minCount = std::max<std::size_t>(minCount, 1);
  auto kernel = [groups = std::move(groups), statistic, minCount](const auto& run) {
    GroupOfRun of(run);
    for (std::size_t k = 0; k < groups.size(); ++k) of.write(groups[k], statistic, minCount, k);
  };
  return keepsValues(statistic) ? exactDimKernel(std::move(kernel)) : dimKernel(std::move(kernel));
}

GroupStatistic groupStatisticOf(const Params& params) {
  const std::string name = params.choice("statistic");
  const auto found =
      std::find_if(kStatisticWords.begin(), kStatisticWords.end(), [&name](const StatisticWords& words) { return name == words.name; });
  return found == kStatisticWords.end() ? GroupStatistic::Mean : found->statistic;
}

Param statisticParam(const std::vector<GroupStatistic>& offered) {
  Param param{.name = "statistic", .type = ParamType::Choice, .help = "What is made of the valid values.", .defaultTo = {}, .choices = {}};
  param.defaultTo = statisticName(offered.front());
  for (const GroupStatistic statistic : offered) param.choices.emplace_back(statisticName(statistic));
  return param;
}

const char* statisticName(GroupStatistic statistic) { return wordsOf(statistic).name; }

bool takesWeights(GroupStatistic statistic) {
  return statistic == GroupStatistic::Mean || statistic == GroupStatistic::Std || statistic == GroupStatistic::Var ||
         statistic == GroupStatistic::Sum;
}

Result<ArraySpec> statisticSpec(const ArraySpec& input, int dim, GroupStatistic statistic, bool canLack,
                                std::vector<std::string>& warnings) {
  const bool isCount = statistic == GroupStatistic::Count;
  if (input.isClasses() && !keepsValues(statistic) && !isCount)
    return fail(ErrorCode::UnsupportedType, std::string("the array holds numbers of classes, which have no ") + statisticName(statistic),
                "take first, last, min, max or count");
  ArraySpec spec = input;
  if (isCount) {
    spec.forgetQuantity();
    spec.unit = "1";
    settleComputed(spec, PixelType::Int32, 0, static_cast<double>(input.dims[static_cast<std::size_t>(dim)].size), canLack);
    return spec;
  }
  // Means and extremes of stored values are stored values; their sums and spreads are not, nor are means over bands of another scale each.
  const bool isStored = keepsValues(statistic) || statistic == GroupStatistic::Mean || statistic == GroupStatistic::Median;
  if (!isStored || (input.scaledDim() == dim && dim >= 0)) {
    if (spec.forgetStoredMeaning()) warnings.emplace_back(kComputedFromStored);
  }
  if (statistic == GroupStatistic::Var) spec.unit.clear();
  if (keepsValues(statistic)) {
    if (!spec.nodata && (canLack || isFloating(spec.type))) {
      const auto [low, high] = rangeOf(spec.type);
      settleComputed(spec, spec.type, low, high, true);
    }
  } else {
    settleComputed(spec, statistic == GroupStatistic::Sum ? PixelType::Float64 : meanType(input.type), 0, 0, true);
  }
  if (!keepsValues(statistic)) noteDoubles(input.type, warnings);
  if (const std::string method = wordsOf(statistic).cellMethod; !method.empty()) {
    std::string& methods = spec.attributes["cell_methods"];
    methods += (methods.empty() ? "" : " ") + input.dims[static_cast<std::size_t>(dim)].name + ": " + method;
  }
  return spec;
}

Result<void> replaceDim(ArraySpec& spec, int d, Dim with) {
  const int same = spec.indexOf(with.name);
  if (same >= 0 && same != d) return invalidParameter("dim", "the array has another dim '" + with.name + "' already", "rename it before");
  StorageLayout storage = spec.storage;
  const auto place = static_cast<std::size_t>(d);
  if (place < storage.block.size())
    storage.block[place] = std::clamp<std::int64_t>(storage.block[place], 1, std::max<std::int64_t>(1, with.size));
  ArraySpec out = spec.withoutDim(d);
  std::erase_if(out.coordinates, [&with](const AuxiliaryCoordinate& one) { return one.name == with.name; });
  out.dims.insert(out.dims.begin() + d, std::move(with));
  if (out.yDim >= d) ++out.yDim;
  if (out.xDim >= d) ++out.xDim;
  out.storage = std::move(storage);
  spec = std::move(out);
  return {};
}

Result<void> insertDim(ArraySpec& spec, int d, Dim dim) {
  if (spec.indexOf(dim.name) >= 0)
    return invalidParameter("dim", "the array has another dim '" + dim.name + "' already", "rename it before");
  std::erase_if(spec.coordinates, [&dim](const AuxiliaryCoordinate& one) { return one.name == dim.name; });
  if (!spec.storage.block.empty()) spec.storage.block.insert(spec.storage.block.begin() + d, 1);
  spec.storage.order.clear();
  spec.dims.insert(spec.dims.begin() + d, std::move(dim));
  if (spec.yDim >= d) ++spec.yDim;
  if (spec.xDim >= d) ++spec.xDim;
  return {};
}

}  // namespace cubeloom
