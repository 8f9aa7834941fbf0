// SPDX-License-Identifier: GPL-3.0-or-later
// stretch: values as the brightness of a picture.
#include <cmath>

#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/fitted.h"
#include "engine/op/family/pointwise.h"
#include "engine/op/family/stretch_params.h"
#include "engine/op/reduce/moments.h"
#include "engine/op/reduce/quantile_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Stretch";
  d.summary = "Makes values the brightness of a picture: bytes from 1 to 255, 0 is nodata.";
  d.help =
      "Between two ends brightness grows linearly, or by 'gamma' (above 1 brightens the dark); what lies beyond takes the end's. The ends "
      "are "
      "'range', or follow from all values of a band, or of the array with per=array: the quantiles 'low' and 'high' in percent "
      "(method=percent), the least and greatest value (minmax), or the mean minus and plus 'sigma' standard deviations (sigma). A band of "
      "one "
      "value becomes middle grey. Black is 1, so that it stays black and nodata stays nodata. Previews learn from a sample.";
  d.references = {
      "https://docs.qgis.org/latest/en/docs/user_manual/working_with_raster/raster_properties.html#setting-the-min-and-max-values"};
  d.example = "stretch low=2 high=98";
  d.moreExamples = {"stretch method=sigma per=array gamma=1.5"};
  d.noPython = "xarray rounds to no bytes; skimage.exposure takes one plane in memory";
  d.gdal = "gdal_translate -ot Byte -scale{? {range}?} 1 255 {input} {output}";
  d.keywords = {"contrast", "enhance", "brightness", "percent clip", "scale to byte", "gamma", "8 bit", "linear"};
  d.params = stretchParams();
  d.params.insert(d.params.begin() + 3, {{.name = "sigma",
                                          .type = ParamType::Number,
                                          .help = "Of method=sigma: how many standard deviations.",
                                          .defaultTo = 2,
                                          .minimum = 0.01,
                                          .maximum = 100},
                                         {.name = "range", .type = ParamType::Range, .help = "The ends themselves, as low,high."}});
  return d;
}

/// The lower and the upper end of each band, or of the array.
struct Ends {
  std::vector<double> low, high;
};

struct Facts {
  ArraySpec input;
  int bands = -1;  ///< the dim along which ends differ; -1: none
  double gamma = 1;
  Pointwise pointwise;
};
using SharedFacts = std::shared_ptr<const Facts>;

std::shared_ptr<const PointKernel> brightness(double gamma) {
  return pointKernel([power = 1 / gamma](auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    const T *in = run.inputs[0], *low = run.inputs[1], *high = run.inputs[2];
    for (std::size_t i = 0; i < run.count; ++i) {
      const double span = static_cast<double>(high[i]) - static_cast<double>(low[i]);
      const double share = span > 0 ? std::min(std::max((static_cast<double>(in[i]) - static_cast<double>(low[i])) / span, 0.0), 1.0) : 0.5;
      run.out[i] = static_cast<T>(1 + std::floor(254 * (power == 1 ? share : std::pow(share, power)) + 0.5));
    }
  });
}

Result<std::shared_ptr<const BoundOperation>> stretched(const Facts& facts, const Ends& ends) {
  static const Declaration kDeclaration = declaration();
  Pointwise pointwise = facts.pointwise;
  const int dim = std::max(facts.bands, 0);
  const auto size = static_cast<std::size_t>(facts.input.dims[static_cast<std::size_t>(dim)].size);
  for (const auto& numbers : {ends.low, ends.high}) {
    NumbersAlong along{dim, numbers};
    if (facts.bands < 0) along.values.assign(size, numbers[0]);
    pointwise.along.push_back(std::move(along));
  }
  return bindPointwise(kDeclaration, {facts.input}, std::move(pointwise));
}

std::size_t setsOf(const Facts& facts) {
  return facts.bands < 0 ? 1 : static_cast<std::size_t>(facts.input.dims[static_cast<std::size_t>(facts.bands)].size);
}

Ends noEnds(const Facts& facts) { return {std::vector<double>(setsOf(facts), 0.0), std::vector<double>(setsOf(facts), 1.0)}; }

ReducedDims allButBands(const Facts& facts) {
  ReducedDims dims;
  for (std::size_t d = 0; d < facts.input.dims.size(); ++d) dims.keptPlace.push_back(static_cast<int>(d) == facts.bands ? 0 : -1);
  return dims;
}

/// Learns mean and standard deviation.
class SigmaPass : public ReducedFit {
 public:
  SigmaPass(SharedFacts facts, double sigma) : ReducedFit(facts->input, allButBands(*facts)), m_facts(std::move(facts)), m_sigma(sigma) {}
  std::unique_ptr<Accumulator> accumulator() const override { return makeMoments(m_input.type, m_input.nodata, m_dims, sets(), kNeeds); }
  double accumulatorBytes() const override { return static_cast<double>(sets() * momentBytes(kNeeds, m_input.type)); }
  double fittedBytes() const override { return static_cast<double>(sets() * 2 * sizeof(double)); }
  Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total, const CancelToken& /*cancel*/) const override {
    Ends ends = noEnds(*m_facts);
    for (std::size_t i = 0; i < sets(); ++i) {
      const Moment m = static_cast<const Moments&>(total).moment(i);
      if (m.count == 0) continue;
      ends.low[i] = m.mean - m_sigma * std::sqrt(m.variance());
      ends.high[i] = m.mean + m_sigma * std::sqrt(m.variance());
    }
    return stretched(*m_facts, ends);
  }

 private:
  static constexpr MomentNeeds kNeeds{.sum = true, .squares = true, .range = false};
  SharedFacts m_facts;
  double m_sigma;
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  auto facts = std::make_shared<Facts>();
  facts->input = inputs[0];
  if (isComplex(inputs[0].type)) return fail(ErrorCode::UnsupportedType, "the array has complex values, real ones are needed");
  if (inputs[0].dims.empty()) return fail(ErrorCode::UnsupportedType, "the array is a single value");
  facts->bands = params.choice("per") == "band" ? inputs[0].spectralDim() : -1;
  facts->pointwise.kernel = brightness(params.number("gamma"));
  ArraySpec& spec = facts->pointwise.spec;
  spec = inputs[0];
  spec.forgetQuantity();
  spec.unit.clear();
  spec.type = PixelType::UInt8;
  spec.nodata = 0;
  noteDoubles(inputs[0].type, facts->pointwise.warnings);
  const std::string method = params.choice("method");
  const auto range = params.range("range");
  if (range) {
    facts->pointwise.summary = formatNumber(range->first) + " to " + formatNumber(range->second);
    const std::size_t sets = setsOf(*facts);
    return stretched(*facts, {std::vector<double>(sets, range->first), std::vector<double>(sets, range->second)});
  }
  const double low = method == "minmax" ? 0 : params.number("low"), high = method == "minmax" ? 100 : params.number("high");
  if (!(low < high))
    return invalidParameter("low", "low is " + formatNumber(low) + " %, high " + formatNumber(high) + " %", "give a lower one for black");
  facts->pointwise.summary = method == "percent" ? formatNumber(low) + " to " + formatNumber(high) + " %" : method;
  auto kernel = stretched(*facts, noEnds(*facts));
  if (!kernel) return fail(kernel.error());
  if (method == "sigma") return toBeFitted(*kernel, std::make_unique<SigmaPass>(facts, params.number("sigma")));
  QuantileRequest request{inputs[0], allButBands(*facts), {low / 100, high / 100}, inputs[0], false, NAN, {}, {}};
  return searchedQuantiles(
      std::move(request), [bound = *kernel](std::unique_ptr<const FitPass> pass) { return toBeFitted(bound, std::move(pass)); },
      [facts](const std::vector<double>& found) {
        Ends ends = noEnds(*facts);
        for (std::size_t i = 0; i < ends.low.size(); ++i) {
          if (std::isnan(found[2 * i])) continue;
          ends.low[i] = found[2 * i];
          ends.high[i] = found[2 * i + 1];
        }
        return stretched(*facts, ends);
      });
}

}  // namespace

CUBELOOM_OPERATION(stretch) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
