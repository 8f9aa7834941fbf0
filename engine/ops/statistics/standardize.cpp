// SPDX-License-Identifier: GPL-3.0-or-later
// standardize: z-scores, with mean and standard deviation over any dims of the array itself.
#include <cmath>

#include "engine/base/text.h"
#include "engine/base/vector_clones.h"
#include "engine/op/family/computed.h"
#include "engine/op/reduce/moments.h"
#include "engine/op/reduce/reduction.h"
#include "engine/op/reduce/valid_values.h"

namespace cubeloom {
namespace {

constexpr MomentNeeds kNeeds{.sum = true, .squares = true, .range = false};

Declaration declaration() {
  Declaration d;
  d.title = "Standardize";
  d.summary = "z-scores: (value - mean) / std, mean and std taken over one or more dims.";
  d.help =
      "Two readings: one learns mean and standard deviation (the population's, numpy's ddof=0) over 'dims', nodata and NaN left out; the "
      "next "
      "applies them. dims=y,x standardizes every band by itself. The result is float32 for types of up to 16 bits and float32 itself, else "
      "float64. What was nodata stays nodata, and so do values whose std is 0: they have no z-score. The nodata value stays the declared "
      "one "
      "where no z-score can be equal to it (none is beyond the square root of the number of values), else it is NaN. Previews learn from a "
      "sample of the array and are approximate.";
  d.references = {
      "scipy.stats.zscore(axis=..., ddof=0, nan_policy='omit'), scipy 1.10",
      "Chan, T. F., Golub, G. H., LeVeque, R. J. (1983): Algorithms for computing the sample variance. doi:10.1080/00031305.1983.10483115"};
  d.example = "standardize dims=y,x";
  d.python = "(array - array.mean(dim={dims})) / array.std(dim={dims})";
  d.noGdal = "gdal_translate -scale needs mean and std to be known";
  d.keywords = {"z-score", "normalize", "normalise", "scale", "zero mean", "unit variance"};
  Param dims{.name = "dims", .type = ParamType::Dims, .help = "The dims over which mean and std are taken."};
  dims.required = true;
  d.params = {dims};
  return d;
}

/// What was learned, per element that stays.
struct Scaling {
  std::vector<double> mean, std;  ///< std 0: no z-score
};

struct Facts {
  ArraySpec input, output;
  ReducedDims dims;
};

template <class T, class Out>
CUBELOOM_VECTOR_CLONES void standardizeRun(const T* __restrict values, std::size_t n, const ValidValues<T>& isValid, const double* mean,
                                           const double* std, Out nodata, Out* __restrict out) {
  const ValidValues<T> valid = isValid;
  for (std::size_t i = 0; i < n; ++i) {
    const bool counts = valid(values[i]) & (std[i] > 0);
    const double z = (static_cast<double>(values[i]) - mean[i]) / (std[i] > 0 ? std[i] : 1.0);
    out[i] = counts ? static_cast<Out>(z) : nodata;
  }
}

class StandardizeTask : public Task {
 public:
  StandardizeTask(std::shared_ptr<const Facts> facts, std::shared_ptr<const Scaling> scaling, const Region& region)
      : m_facts(std::move(facts)), m_scaling(std::move(scaling)) {
    Need need;
    need.region = region;
    m_needs.push_back(std::move(need));
  }
  const std::vector<Need>& needs() const override { return m_needs; }

  Result<void> run(const std::vector<BlockView>& inputs, const BlockView& out) override {
    if (!m_scaling) return fail(ErrorCode::Internal, "standardize has not been fitted");
    dispatchRealType(m_facts->input.type, [&](auto sample) {
      if (m_facts->output.type == PixelType::Float32)
        apply<decltype(sample), float>(inputs[0], out);
      else
        apply<decltype(sample), double>(inputs[0], out);
    });
    return {};
  }

 private:
  template <class T, class Out>
  void apply(const BlockView& input, const BlockView& out) const {
    const ValidValues<T> isValid(m_facts->input.type, m_facts->input.nodata);
    const Out nodata = static_cast<Out>(*m_facts->output.nodata);
    const Region& region = m_needs[0].region;
    const std::size_t last = region.size() - 1;
    const auto length = static_cast<std::size_t>(region[last].count());
    std::vector<double> mean(length), std(length);
    std::vector<Out> scores(length);
    std::vector<std::int64_t> stride(region.size(), 0), index(last, 0);
    std::int64_t elements = 1;
    for (std::size_t d = region.size(); d-- > 0;) {
      if (m_facts->dims.isReduced(d)) continue;
      stride[d] = elements;
      elements *= m_facts->input.dims[d].size;
    }
    forEachRun(input, [&](const std::byte* p, std::int64_t n, std::int64_t) {
      std::int64_t first = 0;
      std::byte* row = out.data;
      for (std::size_t d = 0; d < last; ++d) {
        first += region[d].at(index[d]) * stride[d];
        row += index[d] * out.strides[d];
      }
      for (std::size_t i = 0; i < length; ++i) {
        const auto element = static_cast<std::size_t>(first + region[last].at(static_cast<std::int64_t>(i)) * stride[last]);
        mean[i] = m_scaling->mean[element];
        std[i] = m_scaling->std[element];
      }
      standardizeRun(reinterpret_cast<const T*>(p), static_cast<std::size_t>(n), isValid, mean.data(), std.data(), nodata, scores.data());
      for (std::size_t i = 0; i < length; ++i) *reinterpret_cast<Out*>(row + static_cast<std::int64_t>(i) * out.strides[last]) = scores[i];
      for (std::size_t d = last; d-- > 0;) {
        if (++index[d] < region[d].count()) break;
        index[d] = 0;
      }
    });
  }

  std::shared_ptr<const Facts> m_facts;
  std::shared_ptr<const Scaling> m_scaling;
  std::vector<Need> m_needs;
};

/// Learns the scaling.
class ScalingPass : public ReducedFit {
 public:
  using Fitted = std::function<std::shared_ptr<const BoundOperation>(std::shared_ptr<const Scaling>)>;
  ScalingPass(const Facts& facts, Fitted fitted) : ReducedFit(facts.input, facts.dims), m_fitted(std::move(fitted)) {}

  std::unique_ptr<Accumulator> accumulator() const override { return makeMoments(m_input.type, m_input.nodata, m_dims, sets(), kNeeds); }
  double accumulatorBytes() const override { return static_cast<double>(sets() * momentBytes(kNeeds, m_input.type)); }
  double fittedBytes() const override { return static_cast<double>(sets() * 2 * sizeof(double)); }

  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total, const CancelToken& /*cancel*/) const override {
    const auto& moments = static_cast<const Moments&>(total);
    auto scaling = std::make_shared<Scaling>();
    for (std::size_t i = 0; i < sets(); ++i) {
      const Moment m = moments.moment(i);
      scaling->mean.push_back(m.count > 0 ? m.mean : 0);
      scaling->std.push_back(m.count > 0 ? std::sqrt(m.variance()) : 0);
    }
    return m_fitted(std::move(scaling));
  }

 private:
  Fitted m_fitted;
};

class BoundStandardize : public FitOperation {
 public:
  /// Without `scaling` it has to be fitted first.
  BoundStandardize(std::shared_ptr<const Facts> facts, std::shared_ptr<const Scaling> scaling, const std::string& summary)
      : m_facts(std::move(facts)), m_scaling(std::move(scaling)) {
    m_spec = m_facts->output;
    m_summary = summary;
    if (!m_scaling)
      m_pass = std::make_unique<ScalingPass>(*m_facts, [facts = m_facts, summary](std::shared_ptr<const Scaling> learned) {
        return std::make_shared<BoundStandardize>(facts, std::move(learned), summary);
      });
  }

  Result<std::unique_ptr<Task>> prepare(const Region& region) const override {
    return std::make_unique<StandardizeTask>(m_facts, m_scaling, region);
  }
  const FitPass* pendingPass() const override { return m_pass.get(); }

 private:
  std::shared_ptr<const Facts> m_facts;
  std::shared_ptr<const Scaling> m_scaling;
  std::unique_ptr<const FitPass> m_pass;
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  auto dims = reducedDims(params, inputs[0]);
  if (!dims) return fail(dims.error());
  auto facts = std::make_shared<Facts>();
  facts->input = facts->output = inputs[0];
  facts->dims = *dims;
  ArraySpec& out = facts->output;
  out.type = meanType(inputs[0].type);
  out.forgetQuantity();
  out.unit = "1";
  const double largest = std::sqrt(static_cast<double>(dims->reducedCount(inputs[0])));
  if (!out.nodata || !canHold(out.type, *out.nodata) || !(std::abs(*out.nodata) > largest)) out.nodata = NAN;
  return std::make_shared<BoundStandardize>(std::move(facts), nullptr, "over " + join(params.texts("dims"), ", "));
}

}  // namespace

CUBELOOM_OPERATION(standardize) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
