// SPDX-License-Identifier: GPL-3.0-or-later
// reduce: one statistic over any dims, nodata left out, accumulated in double in a fixed order.
#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/operation.h"
#include "engine/op/selection.h"

namespace cubeloom {
namespace {

enum class Statistic { Mean, Min, Max, Std, Sum, Count };

Declaration declaration() {
  Declaration d;
  d.id = "reduce";
  d.title = "Reduce";
  d.category = "Math";
  d.summary = "One statistic over one or more dims: mean, min, max, std, sum, count.";
  d.help =
      "Nodata and NaN are left out; where nothing is left stands nodata (count: 0). std is the population's (numpy's ddof=0). Sums are "
      "kept in "
      "double and added in a fixed order, so the result has the same bits for any number of workers and any memory budget. "
      "mean, std and sum give float32 for types of up to 16 bits and float32 itself, else float64; min and max keep the type; count gives "
      "int32.";
  d.references = {
      "Chan, T. F., Golub, G. H., LeVeque, R. J. (1983): Algorithms for computing the sample variance. doi:10.1080/00031305.1983.10483115"};
  d.example = "reduce dims=wavelength statistic=mean";
  d.python = "array.mean(dim='wavelength')";
  d.keywords = {"mean", "average", "minimum", "maximum", "standard deviation", "statistics", "count", "sum"};
  Param dims{.name = "dims", .type = ParamType::Dims, .help = "The dims that go."};
  dims.required = true;
  d.params = {dims, Param{.name = "statistic",
                          .type = ParamType::Choice,
                          .help = "What remains of their values.",
                          .defaultValue = "\"mean\"",
                          .choices = {"mean", "min", "max", "std", "sum", "count"}}};
  return d;
}

/// Kept per element of the output while parts are added.
std::size_t stateBytes(Statistic statistic) {
  const std::size_t doubles = statistic == Statistic::Std ? 3 : statistic == Statistic::Count ? 0 : 1;
  return sizeof(std::int64_t) + doubles * sizeof(double);
}

/// How the input's dims map to the output's: the place of each kept dim, -1 for a reduced one.
struct Layout {
  std::vector<int> outDim;
  bool isReduced(std::size_t d) const { return outDim[d] < 0; }
};

template <class T>
class TypedPartial : public Partial {
 public:
  TypedPartial(Statistic statistic, const Layout& layout, std::vector<std::int64_t> outShape, std::optional<double> nodata,
               double emptyValue)
      : m_statistic(statistic),
        m_layout(layout),
        m_outShape(std::move(outShape)),
        m_hasNodata(nodata && !std::isnan(*nodata)),
        m_nodata(nodata ? static_cast<T>(*nodata) : T{}),
        m_empty(emptyValue) {
    std::size_t n = 1;
    for (const std::int64_t size : m_outShape) n *= static_cast<std::size_t>(size);
    m_count.assign(n, 0);
    if (statistic != Statistic::Count) m_sum.assign(n, 0);
    if (statistic == Statistic::Std) {
      m_square.assign(n, 0);
      m_shift.assign(n, 0);
    }
  }

  Result<void> add(const BlockView& input) override {
    switch (m_statistic) {
      case Statistic::Mean:
      case Statistic::Sum: scan(input, [this](std::size_t o, T v) { m_sum[o] += static_cast<double>(v); }); break;
      case Statistic::Min:
        scan(input, [this](std::size_t o, T v) {
          m_sum[o] = m_count[o] == 1 ? static_cast<double>(v) : std::min(m_sum[o], static_cast<double>(v));
        });
        break;
      case Statistic::Max:
        scan(input, [this](std::size_t o, T v) {
          m_sum[o] = m_count[o] == 1 ? static_cast<double>(v) : std::max(m_sum[o], static_cast<double>(v));
        });
        break;
      case Statistic::Count: scan(input, [](std::size_t, T) {}); break;
      case Statistic::Std:
        // Shifted by the first value: the squares stay small beside their sum, so that nothing cancels.
        scan(input, [this](std::size_t o, T v) {
          if (m_count[o] == 1) m_shift[o] = static_cast<double>(v);
          const double d = static_cast<double>(v) - m_shift[o];
          m_sum[o] += d;
          m_square[o] += d * d;
        });
        break;
    }
    return {};
  }

  void merge(const Partial& later) override {
    const auto& other = static_cast<const TypedPartial&>(later);
    for (std::size_t o = 0; o < m_count.size(); ++o) {
      if (other.m_count[o] == 0) continue;
      if (m_count[o] == 0) {
        if (!m_sum.empty()) m_sum[o] = other.m_sum[o];
        if (!m_square.empty()) {
          m_square[o] = other.m_square[o];
          m_shift[o] = other.m_shift[o];
        }
      } else {
        mergeOne(other, o);
      }
      m_count[o] += other.m_count[o];
    }
  }

  Result<void> finish(const BlockView& out) const override {
    std::size_t o = 0;
    forEachRun(out, [&](std::byte* p, std::int64_t n, std::int64_t step) {
      for (std::int64_t i = 0; i < n; ++i, p += step, ++o) {
        const BlockView cell{p, out.type, {1}, {step}};
        fillBlock(cell, value(o));
      }
    });
    return {};
  }

  std::size_t bytes() const override { return m_count.size() * stateBytes(m_statistic); }

 private:
  bool isValid(T v) const {
    if constexpr (std::is_floating_point_v<T>)
      if (std::isnan(v)) return false;
    return !(m_hasNodata && v == m_nodata);
  }

  /// Every valid element in row-major order of the input's dims: `take(output index, value)`.
  template <class F>
  void scan(const BlockView& input, F&& take) {
    if (input.shape.empty()) return;
    const auto outStrides = denseStrides(m_outShape, 1);
    const std::size_t last = input.shape.size() - 1;
    const auto strideOf = [&](std::size_t d) {
      return m_layout.isReduced(d) ? std::int64_t{0} : outStrides[static_cast<std::size_t>(m_layout.outDim[d])];
    };
    std::vector<std::int64_t> index(last, 0);
    const std::int64_t outStep = strideOf(last);
    forEachRun(input, [&](const std::byte* p, std::int64_t n, std::int64_t step) {
      std::int64_t o = 0;
      for (std::size_t d = 0; d < last; ++d) o += index[d] * strideOf(d);
      for (std::int64_t i = 0; i < n; ++i, p += step, o += outStep) {
        const T v = *reinterpret_cast<const T*>(p);
        if (!isValid(v)) continue;
        ++m_count[static_cast<std::size_t>(o)];
        take(static_cast<std::size_t>(o), v);
      }
      for (std::size_t d = last; d-- > 0;) {
        if (++index[d] < input.shape[d]) break;
        index[d] = 0;
      }
    });
  }

  void mergeOne(const TypedPartial& other, std::size_t o) {
    switch (m_statistic) {
      case Statistic::Mean:
      case Statistic::Sum: m_sum[o] += other.m_sum[o]; break;
      case Statistic::Min: m_sum[o] = std::min(m_sum[o], other.m_sum[o]); break;
      case Statistic::Max: m_sum[o] = std::max(m_sum[o], other.m_sum[o]); break;
      case Statistic::Count: break;
      case Statistic::Std: {
        // Moves the later part's sums onto this part's shift.
        const auto n = static_cast<double>(other.m_count[o]);
        const double d = other.m_shift[o] - m_shift[o];
        m_square[o] += other.m_square[o] + 2 * d * other.m_sum[o] + n * d * d;
        m_sum[o] += other.m_sum[o] + n * d;
        break;
      }
    }
  }

  double value(std::size_t o) const {
    const auto n = static_cast<double>(m_count[o]);
    if (m_statistic == Statistic::Count) return n;
    if (m_count[o] == 0) return m_empty;
    if (m_statistic == Statistic::Mean) return m_sum[o] / n;
    if (m_statistic == Statistic::Std) return std::sqrt(std::max(0.0, (m_square[o] - m_sum[o] * m_sum[o] / n) / n));
    return m_sum[o];
  }

  Statistic m_statistic;
  const Layout& m_layout;
  std::vector<std::int64_t> m_outShape;
  bool m_hasNodata;
  T m_nodata;
  double m_empty;
  std::vector<std::int64_t> m_count;
  std::vector<double> m_sum, m_square, m_shift;
};

class BoundReduce : public BoundOperation {
 public:
  BoundReduce(const ArraySpec& input, const std::vector<bool>& reduced, Statistic statistic, ArraySpec spec, double emptyValue,
              std::string summary)
      : m_input(input), m_statistic(statistic), m_empty(emptyValue) {
    int place = 0;
    for (const bool goes : reduced) m_layout.outDim.push_back(goes ? -1 : place++);
    m_spec = std::move(spec);
    m_summary = std::move(summary);
    for (std::size_t d = 0; d < reduced.size() && m_slowest < 0; ++d)
      if (reduced[d]) m_slowest = static_cast<int>(d);
  }

  Result<std::unique_ptr<Task>> prepare(const Region& /*region*/) const override {
    return fail(ErrorCode::Internal, "a reduction is made of parts");
  }

  std::vector<Region> parts(const Region& region) const override {
    Region whole(m_input.dims.size());
    for (std::size_t d = 0; d < whole.size(); ++d)
      whole[d] = m_layout.isReduced(d) ? IndexSet::all(m_input.dims[d].size) : region[static_cast<std::size_t>(m_layout.outDim[d])];
    const auto slowest = static_cast<std::size_t>(m_slowest);
    const std::int64_t size = whole[slowest].count();
    // Merged parts are cut by the spec, so that they are the same in every run; others just by what is comfortable to hold.
    const double all =
        mergesParts() ? m_input.bytes() : static_cast<double>(regionCount(whole)) * static_cast<double>(pixelTypeBytes(m_input.type));
    const double perIndex = std::max(all / static_cast<double>(size), 1.0);
    const std::int64_t step = std::clamp<std::int64_t>(static_cast<std::int64_t>(kPartBytes / perIndex), 1, size);
    std::vector<Region> cut;
    for (std::int64_t first = 0; first < size; first += step) {
      cut.push_back(whole);
      cut.back()[slowest] = whole[slowest].slice(first, std::min(step, size - first));
    }
    return cut;
  }

  bool mergesParts() const override { return m_spec.count() <= kMergedOutputs; }

  std::unique_ptr<Partial> partial(const Region& region) const override {
    return dispatchRealType(m_input.type, [&](auto sample) -> std::unique_ptr<Partial> {
      return std::make_unique<TypedPartial<decltype(sample)>>(m_statistic, m_layout, regionShape(region), m_input.nodata, m_empty);
    });
  }

  double partialBytes(const Region& region) const override {
    return static_cast<double>(regionCount(region)) * static_cast<double>(stateBytes(m_statistic));
  }

 private:
  static constexpr double kPartBytes = 24.0 * 1048576;
  static constexpr std::int64_t kMergedOutputs = 65536;

  ArraySpec m_input;
  Layout m_layout;
  Statistic m_statistic;
  double m_empty;
  int m_slowest = -1;
};

Statistic statisticFromName(const std::string& name) {
  if (name == "min") return Statistic::Min;
  if (name == "max") return Statistic::Max;
  if (name == "std") return Statistic::Std;
  if (name == "sum") return Statistic::Sum;
  if (name == "count") return Statistic::Count;
  return Statistic::Mean;
}

/// Type and nodata of the result; the value where nothing was valid.
Result<double> describeResult(const ArraySpec& input, Statistic statistic, ArraySpec& spec) {
  if (statistic == Statistic::Count) {
    spec.type = PixelType::Int32;
    spec.nodata.reset();
    return 0.0;
  }
  if (statistic == Statistic::Min || statistic == Statistic::Max) {
    if (!spec.nodata && isFloating(spec.type)) spec.nodata = NAN;
    return spec.nodata.value_or(0);
  }
  const bool narrow = input.type == PixelType::Float32 || (isInteger(input.type) && pixelTypeBytes(input.type) <= 2);
  spec.type = narrow ? PixelType::Float32 : PixelType::Float64;
  if (!spec.nodata || !canHold(spec.type, *spec.nodata)) spec.nodata = NAN;
  return *spec.nodata;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  if (isComplex(input.type)) return fail(ErrorCode::UnsupportedType, "complex values cannot be reduced");
  if ((input.type == PixelType::Int64 || input.type == PixelType::UInt64) && input.nodata && std::abs(*input.nodata) > 9007199254740992.0)
    return fail(ErrorCode::UnsupportedType, "64-bit values beyond 2^53 cannot be reduced exactly",
                "convert with astype dtype=float64 before");
  std::vector<bool> reduced(input.dims.size(), false);
  for (const std::string& name : params.texts("dims")) {
    const int d = input.indexOf(name);
    if (d < 0) return invalidParameter("dims", "there is no dim '" + name + "'", "the dims are " + dimList(input));
    reduced[static_cast<std::size_t>(d)] = true;
  }
  if (std::find(reduced.begin(), reduced.end(), true) == reduced.end())
    return invalidParameter("dims", "no dim is named", "the dims are " + dimList(input));
  const Statistic statistic = statisticFromName(params.text("statistic"));
  ArraySpec spec = input;
  for (std::size_t d = reduced.size(); d-- > 0;)
    if (reduced[d]) spec = spec.withoutDim(static_cast<int>(d));
  auto empty = describeResult(input, statistic, spec);
  if (!empty) return fail(empty.error());
  return std::make_shared<BoundReduce>(input, reduced, statistic, std::move(spec), *empty,
                                       params.text("statistic") + " over " + join(params.texts("dims"), ", "));
}

}  // namespace

CUBELOOM_OPERATION(reduce) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
