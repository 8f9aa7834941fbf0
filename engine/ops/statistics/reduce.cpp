// SPDX-License-Identifier: GPL-3.0-or-later
// reduce: one statistic over any dims, nodata left out, accumulated in double in a fixed order.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "engine/array/resampled_meaning.h"
#include "engine/base/text.h"
#include "engine/op/family/computed.h"
#include "engine/op/family/weighted_reduction.h"
#include "engine/op/reduce/bin_counts.h"
#include "engine/op/reduce/moments.h"
#include "engine/op/reduce/pick_operation.h"
#include "engine/op/reduce/quantile_operation.h"
#include "engine/op/reduce/reduction.h"
#include "engine/op/reduce/value_counts.h"

namespace cubeloom {
namespace {

enum class Statistic { Mean, Min, Max, Std, Var, Sum, Count, Median, Quantile, Histogram, First, Last, ArgMin, ArgMax, Any, All, Mode };

const std::vector<std::pair<std::string, Statistic>>& statistics() {
  using enum Statistic;
  static const std::vector<std::pair<std::string, Statistic>> kAll{{"mean", Mean},
                                                                   {"min", Min},
                                                                   {"max", Max},
                                                                   {"std", Std},
                                                                   {"var", Var},
                                                                   {"sum", Sum},
                                                                   {"count", Count},
                                                                   {"median", Median},
                                                                   {"quantile", Quantile},
                                                                   {"first", First},
                                                                   {"last", Last},
                                                                   {"argmin", ArgMin},
                                                                   {"argmax", ArgMax},
                                                                   {"any", Any},
                                                                   {"all", All},
                                                                   {"mode", Mode},
                                                                   {"histogram", Histogram}};
  return kAll;
}

Declaration declaration() {
  Declaration d;
  d.title = "Reduce";
  d.summary =
      "One statistic over one or more dims: mean, min, max, std, var, sum, count, median, quantile, first, last, argmin, argmax, any, all, "
      "mode, histogram.";
  d.help =
      "Nodata and NaN are left out; where nothing is left stands nodata (count, histogram: 0). std and var are the population's (numpy's "
      "ddof=0) unless ddof says otherwise. Sums are kept in double and added in a fixed order, so the result has the same bits for any "
      "number of workers and any "
      "memory "
      "budget. mean, std, var, median and quantile give float32 for types of up to 16 bits and float32 itself, else float64; min and "
      "max keep the type and its nodata; of all others nodata is NaN; sum gives float64; "
      "count and histogram give int32, int64 where more than 2^31 values become one.\n\n"
      "histogram counts values in 'bins' bins of equal width over 'range', as numpy.histogram does of the values as float64: what lies "
      "outside is left out, the last bin holds its upper edge. Its result has a new last dim 'bin' with the centres of the bins.\n\n"
      "first and last are the first and the last valid value in the order of the dims, argmin and argmax the index from 0 of the least and "
      "the greatest along one dim (of equal ones the first). any is 1 where a value is not 0, all where none is. mode is the most "
      "frequent value, the least of equally frequent ones; classes stay classes. Of floats and of whole numbers of 32 bits and more it "
      "holds every value of a result in memory.\n\n"
      "Values count by weights in mean, sum, std and var, as in xarray's weighted(): those of a second input with some of the dims, or "
      "weights=cos_lat, the area of a pixel of a grid in degrees. A value whose weight is nodata is left out.\n\n"
      "median and quantile are exact: the order statistics on both sides, and linearly between them (numpy's default). Where all values of "
      "one "
      "result are up to 8 MiB they are read together and selected from. Otherwise they are searched in bounded memory, in a few readings "
      "of the "
      "input: the first counts the leading bits of the values in a form whose order as whole numbers is theirs, each further one counts "
      "the next "
      "bits of those values alone that can still be the wanted ones. Several quantiles give a new first dim 'quantile'. Previews of such a "
      "search look at a sample and are approximate.";
  d.references = {
      "Chan, T. F., Golub, G. H., LeVeque, R. J. (1983): Algorithms for computing the sample variance. doi:10.1080/00031305.1983.10483115",
      "Hyndman, R. J., Fan, Y. (1996): Sample quantiles in statistical packages, definition 7. doi:10.1080/00031305.1996.10473566",
      "numpy.histogram, numpy.nanquantile; numpy 1.24"};
  d.example = "reduce dims=wavelength statistic=mean";
  d.moreExamples = {"reduce dims=wavelength statistic=argmax", "reduce dims=y,x statistic=any", "reduce dims=wavelength statistic=mode"};
  d.python =
      "{?statistic=mode:xarray.apply_ufunc(lambda a: np.apply_along_axis(lambda v: (lambda u, n: u[n.argmax()] if u.size else np.nan)"
      "(*np.unique(v[~np.isnan(v)], return_counts=True)), -1, a), array.stack(all=[d for d in array.dims if d in {dims}]).compute(), "
      "input_core_dims=[['all']])?}"
      "{?!statistic=mode:{?weights=cos_lat:array.weighted(np.cos(np.deg2rad(array[{in.y|'lat'}]))).{statistic:word}({dims})?}"
      "{?!weights=cos_lat:{?!in2.dtype=:array.weighted(in2.squeeze(drop=True).fillna(0)).{statistic:word}({dims})?}{?in2.dtype=:"
      "{?statistic=first:array.stack(all=[d for d in array.dims if d in {dims}]).bfill('all').isel(all=0, drop=True)?}"
      "{?statistic=last:array.stack(all=[d for d in array.dims if d in {dims}]).ffill('all').isel(all=-1, drop=True)?}"
      "{?statistic=argmin,argmax:array.fillna(np.inf if {statistic} == 'argmin' else "
      "-np.inf).{statistic:word}({dims}[0]).where(array.notnull().any({dims}))?}"
      "{?statistic=any:(array.fillna(0) != 0).any({dims}).astype(float).where(array.notnull().any({dims}))?}"
      "{?statistic=all:(array.fillna(1) != 0).all({dims}).astype(float).where(array.notnull().any({dims}))?}"
      "{?statistic=std,var:array.{statistic:word}(dim={dims}, ddof={ddof})?}"
      "{?statistic=quantile:array.quantile({q}, dim={dims}).pipe(lambda a: a.isel(quantile=0, drop=True) if a.sizes['quantile'] == 1 else "
      "a)?}{?statistic=histogram:numpy.histogram(array, bins={bins}{?, "
      "range={range}?})?}{?statistic=mean,min,max,sum,count,median:array.{statistic:word}(dim={dims}{?statistic=sum:, "
      "min_count=1?})?}?}?}?}";
  d.noGdal = "GDAL's programs reduce rows and columns only (gdalinfo -stats)";
  d.keywords = {"mean",   "average",     "minimum", "maximum", "standard deviation", "variance", "statistics", "count", "sum", "median",
                "argmax", "first valid", "any",     "all",     "percentile",         "quartile", "histogram"};
  Param dims{.name = "dims", .type = ParamType::Dims, .help = "The dims that go."};
  dims.required = true;
  Param statistic{
      .name = "statistic", .type = ParamType::Choice, .help = "What remains of their values.", .defaultTo = "mean", .choices = {}};
  for (const auto& [name, value] : statistics()) statistic.choices.emplace_back(name);
  d.params = {dims,
              statistic,
              Param{.name = "q",
                    .type = ParamType::Numbers,
                    .help = "Of a quantile: one number from 0 to 1, or several.",
                    .defaultTo = 0.5,
                    .minimum = 0,
                    .maximum = 1},
              Param{.name = "bins",
                    .type = ParamType::Integer,
                    .help = "Of a histogram: how many bins.",
                    .defaultTo = 256,
                    .minimum = 1,
                    .maximum = 1048576,
                    .uiMaximum = 1024},
              Param{.name = "range",
                    .type = ParamType::Range,
                    .help = "Of a histogram: lower edge of the first and upper edge of the last bin, as 'low,high'. Types of 8 and 16 bits "
                            "have a default that holds all of their values."},
              Param{.name = "ddof",
                    .type = ParamType::Integer,
                    .help = "Of std and var: how many the number of values is lessened by.",
                    .defaultTo = 0,
                    .minimum = 0,
                    .maximum = 1000},
              Param{.name = "weights",
                    .type = ParamType::Choice,
                    .help = "By what values count in mean, sum, std and var.",
                    .defaultTo = "none",
                    .choices = {{"none", "alike, or by the second input"}, {"cos_lat", "by the cosine of their latitude"}}}};
  d.inputs = {{.name = "array"}, {.name = "weights", .help = "Of mean, sum, std and var: by what values count.", .optional = true}};
  return d;
}

/// Infinite values have no mean to deviate from: NaN, as numpy's; so have fewer values than `ddof` takes.
double varianceOf(const Moment& m, double ddof) { return std::isfinite(m.mean) && m.count > ddof ? m.squares / (m.count - ddof) : NAN; }

double valueOf(Statistic statistic, const Moment& m, double ddof) {
  switch (statistic) {
    case Statistic::Min: return m.low;
    case Statistic::Max: return m.high;
    case Statistic::Sum: return m.sum;
    case Statistic::Std: return std::sqrt(varianceOf(m, ddof));
    case Statistic::Var: return varianceOf(m, ddof);
    case Statistic::Count: return m.count;
    default: return m.mean;
  }
}

bool keepsType(Statistic statistic) { return statistic == Statistic::Min || statistic == Statistic::Max; }

/// Of those that pick a value or ask of all; unset: another one.
std::optional<Pick> pickOf(Statistic statistic) {
  switch (statistic) {
    case Statistic::First: return Pick::First;
    case Statistic::Last: return Pick::Last;
    case Statistic::ArgMin: return Pick::ArgMin;
    case Statistic::ArgMax: return Pick::ArgMax;
    case Statistic::Any: return Pick::Any;
    case Statistic::All: return Pick::All;
    default: return std::nullopt;
  }
}

MomentNeeds needsOf(Statistic statistic) {
  const bool spread = statistic == Statistic::Std || statistic == Statistic::Var;
  return {.sum = spread || statistic == Statistic::Mean || statistic == Statistic::Sum, .squares = spread, .range = keepsType(statistic)};
}

/// CF's word for the statistic; "" where it has none.
const char* cellMethod(Statistic statistic) {
  using enum Statistic;
  switch (statistic) {
    case Mean: return "mean";
    case Min: return "minimum";
    case Max: return "maximum";
    case Std: return "standard_deviation";
    case Var: return "variance";
    case Mode: return "mode";
    case Sum: return "sum";
    case Median: return "median";
    default: return "";
  }
}

/// "degree_C2", "(W m-2)2": as UDUNITS reads them.
std::string squared(const std::string& unit) {
  const auto isLetter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (unit.empty() || unit == "1") return unit;
  return (std::all_of(unit.begin(), unit.end(), isLetter) ? unit : "(" + unit + ")") + "2";
}

/// Unit, names and cell_methods as CF has them: a count is a number of the thing, not the thing; a variance is of its square.
void describeQuantity(const ArraySpec& input, const ReducedDims& dims, Statistic statistic, ArraySpec& spec) {
  const auto pick = pickOf(statistic);
  if (statistic == Statistic::Mode && spec.isClasses()) return;
  const bool isPicked = pick == Pick::First || pick == Pick::Last;
  if (statistic == Statistic::Count || statistic == Statistic::Histogram || (pick && !isPicked)) {
    spec.forgetQuantity();
    spec.unit = "1";
    return;
  }
  if (statistic == Statistic::Var) spec.unit = squared(spec.unit);
  const std::string word = cellMethod(statistic);
  if (word.empty()) return;
  std::string methods = spec.attributes["cell_methods"];
  for (std::size_t d = 0; d < input.dims.size(); ++d)
    if (dims.isReduced(d)) methods += (methods.empty() ? "" : " ") + input.dims[d].name + ":";
  spec.attributes["cell_methods"] = methods + " " + word;
}

/// What is left of an array, and what the user should know of it. Means, quantiles and extremes of stored values are stored values as
/// they were; all else has another scale or none, and so have means over bands that have each its own.
struct Reduced {
  ArraySpec spec;
  std::vector<std::string> warnings;
};
Reduced describeReduced(const ArraySpec& input, const ReducedDims& dims, Statistic statistic) {
  using enum Statistic;
  const int scaled = input.scaledDim();
  const auto pick = pickOf(statistic);
  const bool isPicked = pick == Pick::First || pick == Pick::Last || statistic == Mode;
  const bool isStored =
      isPicked || statistic == Mean || statistic == Min || statistic == Max || statistic == Median || statistic == Quantile;
  ArraySpec described = input;
  Reduced reduced;
  if (isStored && (scaled < 0 || !dims.isReduced(static_cast<std::size_t>(scaled)))) {
    if (!isPicked) described.forgetClasses();
  } else if (described.forgetStoredMeaning() && statistic != Count && !pick) {
    reduced.warnings.emplace_back(kComputedFromStored);
  }
  reduced.spec = withoutReduced(described, dims);
  describeQuantity(input, dims, statistic, reduced.spec);
  return reduced;
}

class BoundMoment : public ReductionOperation {
 public:
  BoundMoment(const ArraySpec& input, const ReducedDims& dims, Statistic statistic, double ddof, Reduced reduced, double empty,
              std::string summary)
      : ReductionOperation(input, dims, -1, static_cast<double>(momentBytes(needsOf(statistic), input.type))),
        m_statistic(statistic),
        m_ddof(ddof),
        m_empty(empty) {
    m_spec = std::move(reduced.spec);
    m_warnings = std::move(reduced.warnings);
    m_summary = std::move(summary);
  }

  std::unique_ptr<Partial> partial(const Region& region) const override {
    const auto sets = static_cast<std::size_t>(regionCount(region));
    return partialOf(makeMoments(m_input.type, m_input.nodata, m_dims, sets, needsOf(m_statistic)),
                     [this](const Moments& moments, const BlockView& out) {
                       fillReduced(out, -1, [&](std::size_t set, std::int64_t) {
                         const Moment m = moments.moment(set);
                         return m.count == 0 ? m_empty : valueOf(m_statistic, m, m_ddof);
                       });
                       if (keepsType(m_statistic)) writeExtremes(moments, out);
                     });
  }

 private:
  void writeExtremes(const Moments& moments, const BlockView& out) const {
    writeReduced(out, -1, [&](std::size_t set, std::int64_t, std::byte* p) {
      if (moments.moment(set).count > 0) moments.writeExtreme(set, m_statistic == Statistic::Max, p);
    });
  }

  Statistic m_statistic;
  double m_ddof, m_empty;
};

class BoundMode : public ReductionOperation {
 public:
  BoundMode(const ArraySpec& input, const ReducedDims& dims, Reduced reduced, double empty, std::string summary)
      : ReductionOperation(input, dims, -1, valueCountBytes(input.type, dims.reducedCount(input))), m_empty(empty) {
    m_spec = std::move(reduced.spec);
    m_warnings = std::move(reduced.warnings);
    m_summary = std::move(summary);
  }

  std::unique_ptr<Partial> partial(const Region& region) const override {
    const auto sets = static_cast<std::size_t>(regionCount(region));
    return partialOf(makeValueCounts(m_input.type, m_input.nodata, m_dims, sets), [this](const ValueCounts& counts, const BlockView& out) {
      fillReduced(out, -1, [this](std::size_t, std::int64_t) { return m_empty; });
      writeReduced(out, -1, [&](std::size_t set, std::int64_t, std::byte* p) { counts.writeMostFrequent(set, p); });
    });
  }

 private:
  double m_empty;
};

class BoundHistogram : public ReductionOperation {
 public:
  BoundHistogram(const ArraySpec& input, const ReducedDims& dims, const Bins& bins, Reduced reduced, std::string summary)
      : ReductionOperation(input, dims, static_cast<int>(reduced.spec.dims.size()) - 1, static_cast<double>(binCountBytes(bins))),
        m_bins(bins) {
    m_spec = std::move(reduced.spec);
    m_warnings = std::move(reduced.warnings);
    m_summary = std::move(summary);
  }

  std::unique_ptr<Partial> partial(const Region& region) const override {
    const auto sets = static_cast<std::size_t>(regionCount(keptRegion(region)));
    return partialOf(makeBinCounts(m_input.type, m_input.nodata, m_dims, sets, m_bins), [this, bins = region.back()](
                                                                                            const BinCounts& counts, const BlockView& out) {
      fillReduced(out, m_newDim, [&](std::size_t set, std::int64_t k) { return static_cast<double>(counts.count(set, bins.at(k))); });
    });
  }

 private:
  Bins m_bins;
};

std::string summaryOf(const Params& params) { return params.choice("statistic") + " over " + join(params.texts("dims"), ", "); }

PixelType countType(const ArraySpec& input, const ReducedDims& dims) {
  return dims.reducedCount(input) > std::numeric_limits<std::int32_t>::max() ? PixelType::Int64 : PixelType::Int32;
}

/// Type and nodata of values that may be any number: the mean of -5 and 5 is 0, which a stack may have as its nodata. Returns the latter.
double describeComputed(PixelType type, ArraySpec& spec) {
  settleComputed(spec, type, 0, 0, true);
  return *spec.nodata;
}

Result<Bins> binsOf(const Params& params, const ArraySpec& input) {
  Bins bins;
  bins.count = params.integer("bins");
  const auto range = params.range("range");
  if (!range) {
    if (!isInteger(input.type) || pixelTypeBytes(input.type) > 2)
      return invalidParameter("range", "a histogram of " + std::string(pixelTypeName(input.type)) + " needs a range",
                              "give its lower and upper edge, as in range=0,1");
    dispatchRealType(input.type, [&bins](auto sample) {
      using Limits = std::numeric_limits<decltype(sample)>;
      bins.low = static_cast<double>(Limits::lowest()) - 0.5;
      bins.high = static_cast<double>(Limits::max()) + 0.5;
    });
    return bins;
  }
  std::tie(bins.low, bins.high) = *range;
  const std::string text = formatNumber(bins.low) + "," + formatNumber(bins.high);
  if (!std::isfinite(bins.high - bins.low))
    return invalidParameter("range", "'" + text + "' is no range of a histogram", "two finite numbers, the lower one first, as in 0,1");
  if (!(bins.width() > 0) || bins.low + bins.width() == bins.low)
    return invalidParameter("range", "'" + text + "' cannot be cut into " + std::to_string(bins.count) + " bins", "take fewer bins");
  return bins;
}

Result<std::shared_ptr<const BoundOperation>> bindQuantile(const Params& params, const ArraySpec& input, const ReducedDims& dims) {
  const bool isMedian = params.choice("statistic") == "median";
  Reduced reduced = describeReduced(input, dims, isMedian ? Statistic::Median : Statistic::Quantile);
  QuantileRequest request{input, dims, {0.5}, std::move(reduced.spec), false, 0, summaryOf(params), std::move(reduced.warnings)};
  ArraySpec& spec = request.output;
  if (!isMedian) {
    request.quantiles = params.numbers("q");
    request.hasDim = request.quantiles.size() > 1;
    std::vector<std::string> shown;
    for (const double q : request.quantiles) shown.push_back(formatNumber(q));
    request.summary = "quantile " + join(shown, ",") + " over " + join(params.texts("dims"), ", ");
  }
  if (request.hasDim) {
    Dim dim{"quantile", static_cast<std::int64_t>(request.quantiles.size()), {}};
    dim.coordinate.kind = Coordinate::Kind::Values;
    dim.coordinate.values = request.quantiles;
    dim.coordinate.unit = "1";
    if (!prependDim(spec, std::move(dim))) return invalidParameter("dims", "the array has a dim 'quantile' already", "rename it before");
  }
  request.empty = describeComputed(meanType(input.type), spec);
  return boundQuantile(std::move(request));
}

Result<std::shared_ptr<const BoundOperation>> bindHistogram(const Params& params, const ArraySpec& input, const ReducedDims& dims) {
  auto bins = binsOf(params, input);
  if (!bins) return fail(bins.error());
  Reduced reduced = describeReduced(input, dims, Statistic::Histogram);
  ArraySpec& spec = reduced.spec;
  spec.type = countType(input, dims);
  spec.nodata.reset();
  spec.storage = {};
  Dim bin{"bin", bins->count, {}};
  if (spec.indexOf(bin.name) >= 0) return invalidParameter("dims", "the array has a dim 'bin' already", "rename it before");
  bin.coordinate.kind = Coordinate::Kind::Values;
  bin.coordinate.unit = input.storedScale || input.scaledDim() >= 0 ? "" : input.unit;  // the bins are of stored values
  for (std::int64_t k = 0; k < bins->count; ++k) bin.coordinate.values.push_back((bins->edge(k) + bins->edge(k + 1)) / 2);
  spec.dims.push_back(std::move(bin));
  return std::make_shared<BoundHistogram>(input, dims, *bins, std::move(reduced), summaryOf(params));
}

Result<std::shared_ptr<const BoundOperation>> bindPick(const Params& params, const ArraySpec& input, const ReducedDims& dims,
                                                       Statistic statistic) {
  const Pick pick = *pickOf(statistic);
  Reduced reduced = describeReduced(input, dims, statistic);
  ArraySpec& spec = reduced.spec;
  if (pick == Pick::ArgMin || pick == Pick::ArgMax) {
    if (params.texts("dims").size() > 1)
      return invalidParameter("dims", "an index along " + join(params.texts("dims"), " and ") + " is none along one of them",
                              "name one dim, or make one of them before");
    settleComputed(spec, countType(input, dims), 0, static_cast<double>(dims.reducedCount(input)), true);
  } else if (pick == Pick::Any || pick == Pick::All) {
    settleComputed(spec, PixelType::UInt8, 0, 1, true);
  } else if (!spec.nodata && isFloating(spec.type)) {
    spec.nodata = NAN;
  }
  return boundPick(input, dims, pick, std::move(reduced.spec), summaryOf(params), std::move(reduced.warnings));
}

Result<std::shared_ptr<const BoundOperation>> bindMode(const Params& params, const ArraySpec& input, const ReducedDims& dims) {
  Reduced reduced = describeReduced(input, dims, Statistic::Mode);
  if (!reduced.spec.nodata && isFloating(reduced.spec.type)) reduced.spec.nodata = NAN;
  const double empty = reduced.spec.nodata.value_or(0);
  return std::make_shared<BoundMode>(input, dims, std::move(reduced), empty, summaryOf(params));
}

/// Type and nodata of the result; the value where nothing was valid.
double describeResult(const ArraySpec& input, const ReducedDims& dims, Statistic statistic, ArraySpec& spec) {
  if (statistic == Statistic::Count) {
    spec.type = countType(input, dims);
    spec.nodata.reset();
    return 0.0;
  }
  if (keepsType(statistic)) {
    if (!spec.nodata && isFloating(spec.type)) spec.nodata = NAN;
    return spec.nodata.value_or(0);
  }
  return describeComputed(statistic == Statistic::Sum ? PixelType::Float64 : meanType(input.type), spec);
}

Result<std::shared_ptr<const BoundOperation>> bindWeighted(const Params& params, const std::vector<ArraySpec>& inputs,
                                                           const ReducedDims& dims, Statistic statistic) {
  using enum Statistic;
  const bool isOfLatitude = params.choice("weights") == "cos_lat";
  if (statistic != Mean && statistic != Sum && statistic != Std && statistic != Var)
    return invalidParameter("statistic", "weights go with mean, sum, std and var, not with " + params.choice("statistic"),
                            "leave the weights out");
  if (isOfLatitude && inputs.size() > 1)
    return invalidParameter("weights", "weights come from a second input already", "leave weights out, or disconnect it");
  if (params.integer("ddof") != 0) return invalidParameter("ddof", "weighted values are not counted", "leave ddof out");
  auto weights = isOfLatitude ? cosineOfLatitude(inputs[0]) : weightsOf(inputs[0], inputs[1]);
  if (!weights) return fail(weights.error());
  Reduced reduced = describeReduced(inputs[0], dims, statistic);
  WeightedReduction weighted{dims, std::move(*weights), {}, describeResult(inputs[0], dims, statistic, reduced.spec), {}};
  weighted.spec = std::move(reduced.spec);
  weighted.warnings = std::move(reduced.warnings);
  weighted.summary = summaryOf(params) + (isOfLatitude ? " · by cos(latitude)" : " · weighted");
  weighted.value = [statistic](const WeightedMoment& m) {
    if (statistic == Sum) return m.sum;
    if (m.weights == 0) return static_cast<double>(NAN);
    return statistic == Mean ? m.sum / m.weights : statistic == Var ? m.squares / m.weights : std::sqrt(m.squares / m.weights);
  };
  return boundWeighted(inputs, std::move(weighted));
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  auto dims = reducedDims(params, input);
  if (!dims) return fail(dims.error());
  const auto named = std::find_if(statistics().begin(), statistics().end(),
                                  [&params](const auto& entry) { return entry.first == params.choice("statistic"); });
  const Statistic statistic = named->second;
  if (inputs.size() > 1 || params.choice("weights") != "none") return bindWeighted(params, inputs, *dims, statistic);
  if (statistic == Statistic::Mode) return bindMode(params, input, *dims);
  if (statistic == Statistic::Median || statistic == Statistic::Quantile) return bindQuantile(params, input, *dims);
  if (statistic == Statistic::Histogram) return bindHistogram(params, input, *dims);
  if (pickOf(statistic)) return bindPick(params, input, *dims, statistic);
  Reduced reduced = describeReduced(input, *dims, statistic);
  const double empty = describeResult(input, *dims, statistic, reduced.spec);
  return std::make_shared<BoundMoment>(input, *dims, statistic, static_cast<double>(params.integer("ddof")), std::move(reduced), empty,
                                       summaryOf(params));
}

}  // namespace

CUBELOOM_OPERATION(reduce) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
