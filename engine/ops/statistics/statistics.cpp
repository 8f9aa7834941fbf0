// SPDX-License-Identifier: GPL-3.0-or-later
// statistics: count, extremes, mean and standard deviation over any dims in one reading, as gdalinfo -stats has them.
#include <array>
#include <cmath>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/op/reduce/moments.h"
#include "engine/op/reduce/reduction.h"

namespace cubeloom {
namespace {

constexpr std::array<const char*, 5> kLabels{"count", "min", "max", "mean", "std"};
constexpr MomentNeeds kNeeds{.sum = true, .squares = true, .range = true};

Declaration declaration() {
  Declaration d;
  d.title = "Statistics";
  d.summary = "Count, min, max, mean and std over one or more dims, in one reading.";
  d.help =
      "The result is float64 with a new first dim 'statistic', whose five entries are count, min, max, mean and std. Nodata and NaN are "
      "left "
      "out; where nothing is left, count is 0 and the others are NaN. std is the population's (numpy's ddof=0). Sums are kept in double "
      "and "
      "added in a fixed order, so the result has the same bits for any number of workers and any memory budget. Other reductions of the "
      "same "
      "array over the same dims that a chain writes beside it (reduce, with statistic=histogram for one) share its reading.";
  d.references = {
      "Chan, T. F., Golub, G. H., LeVeque, R. J. (1983): Algorithms for computing the sample variance. doi:10.1080/00031305.1983.10483115"};
  d.example = "statistics dims=y,x";
  d.python =
      "xarray.concat([array.count({dims}), array.min({dims}), array.max({dims}), array.mean({dims}), array.std({dims})], "
      "'statistic'){?.assign_coords({out.new})?}";
  d.gdal = "gdalinfo -stats {input}";
  d.validFromNodata = "count is 0 where nothing is valid";
  d.keywords = {"minimum", "maximum", "mean", "standard deviation", "count", "describe", "gdalinfo"};
  Param dims{.name = "dims", .type = ParamType::Dims, .help = "The dims that go."};
  dims.required = true;
  d.params = {dims};
  return d;
}

double valueOf(const Moment& m, std::int64_t label) {
  if (label == 0) return m.count;
  if (m.count == 0) return NAN;
  switch (label) {
    case 1: return m.low;
    case 2: return m.high;
    case 3: return m.mean;
    default: return std::sqrt(m.variance());
  }
}

class BoundStatistics : public ReductionOperation {
 public:
  BoundStatistics(const ArraySpec& input, const ReducedDims& dims, ArraySpec spec, std::string summary, bool hasScale)
      : ReductionOperation(input, dims, 0, static_cast<double>(momentBytes(kNeeds, input.type))) {
    m_spec = std::move(spec);
    m_summary = std::move(summary);
    if (hasScale) m_warnings.emplace_back(kComputedFromStored);
  }

  std::unique_ptr<Partial> partial(const Region& region) const override {
    const auto sets = static_cast<std::size_t>(regionCount(keptRegion(region)));
    return partialOf(makeMoments(m_input.type, m_input.nodata, m_dims, sets, kNeeds),
                     [labels = region.front()](const Moments& moments, const BlockView& out) {
                       fillReduced(out, 0, [&](std::size_t set, std::int64_t k) { return valueOf(moments.moment(set), labels.at(k)); });
                     });
  }
};

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  auto dims = reducedDims(params, inputs[0]);
  if (!dims) return fail(dims.error());
  ArraySpec described = inputs[0];
  const bool hasScale = described.forgetStoredMeaning();
  ArraySpec spec = withoutReduced(described, *dims);
  Dim statistic{"statistic", static_cast<std::int64_t>(kLabels.size()), {}};
  statistic.coordinate.kind = Coordinate::Kind::Regular;
  statistic.coordinate.start = 1;
  statistic.coordinate.unit = "1";
  statistic.coordinate.labels.assign(kLabels.begin(), kLabels.end());
  if (!prependDim(spec, std::move(statistic)))
    return invalidParameter("dims", "the array has a dim 'statistic' already", "rename it before");
  spec.type = PixelType::Float64;
  spec.nodata = NAN;
  return std::make_shared<BoundStatistics>(inputs[0], *dims, std::move(spec), "over " + join(params.texts("dims"), ", "), hasScale);
}

}  // namespace

CUBELOOM_OPERATION(statistics) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
