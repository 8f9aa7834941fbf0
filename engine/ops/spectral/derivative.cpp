// SPDX-License-Identifier: GPL-3.0-or-later
// derivative: the first or second derivative along a dim, by the true distances of its entries.
#include "engine/base/text.h"
#include "engine/op/family/along_dim.h"
#include "engine/op/family/computed.h"

namespace cubeloom {
namespace {

/// numpy.gradient's weights: second order inside, differences at the ends.
std::vector<WeightedEntries> firstDerivative(const std::vector<double>& at) {
  std::vector<WeightedEntries> rows;
  const std::size_t n = at.size();
  for (std::size_t i = 0; i < n; ++i) {
    if (i == 0 || i + 1 == n) {
      const std::size_t first = i == 0 ? 0 : n - 2;
      const double step = at[first + 1] - at[first];
      rows.push_back({first, {-1 / step, 1 / step}});
      continue;
    }
    const double before = at[i] - at[i - 1], after = at[i + 1] - at[i];
    rows.push_back(
        {i - 1, {-after / (before * (before + after)), (after - before) / (before * after), before / (after * (before + after))}});
  }
  return rows;
}

/// The sums that `outer` makes of what `inner` makes.
std::vector<WeightedEntries> composed(const std::vector<WeightedEntries>& outer, const std::vector<WeightedEntries>& inner) {
  std::vector<WeightedEntries> rows;
  for (const WeightedEntries& row : outer) {
    const WeightedEntries& last = inner[row.first + row.weights.size() - 1];
    WeightedEntries made{inner[row.first].first, {}};
    made.weights.assign(last.first + last.weights.size() - made.first, 0);
    for (std::size_t j = 0; j < row.weights.size(); ++j)
      for (std::size_t k = 0; k < inner[row.first + j].weights.size(); ++k)
        made.weights[inner[row.first + j].first + k - made.first] += row.weights[j] * inner[row.first + j].weights[k];
    rows.push_back(std::move(made));
  }
  return rows;
}

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  auto dim = dimOf(params, input);
  if (!dim) return fail(dim.error());
  const Dim& along = input.dims[static_cast<std::size_t>(*dim)];
  if (along.size < 2) return invalidParameter("dim", "'" + along.name + "' has one entry only", "a derivative needs two");
  const auto at = positionsOf(along);
  if (!at) return fail(at.error());
  AlongDim result;
  result.dim = *dim;
  result.spec = input;
  settleComputed(result.spec, meanType(input.type), 0, 0, true);
  forgetMeaning(result.spec, result.warnings);
  const auto first = firstDerivative(*at);
  const bool isSecond = params.integer("order") == 2;
  result.kernel = weightedSums(isSecond ? composed(first, first) : first);
  result.summary = std::string(isSecond ? "second" : "first") + " along " + along.name;
  return result;
}

}  // namespace

CUBELOOM_OPERATION(derivative) {
  Param order{.name = "order", .type = ParamType::Integer, .help = "1: slope, 2: curvature.", .defaultTo = 1, .minimum = 1, .maximum = 2};
  return alongDim(
      {.title = "Derivative",
       .summary = "Computes the first or second derivative of each spectrum or series.",
       .help = "By the true distances of the entries, as numpy.gradient: of second order inside, a difference at both ends; the "
               "second derivative is that of the first. Per nm along wavelengths, per second along times. Nodata where an entry "
               "that takes part is.",
       .references = {"https://numpy.org/doc/stable/reference/generated/numpy.gradient.html"},
       .example = "derivative order=1",
       .python = "array.differentiate({dim|'wavelength'}){?order=2:.differentiate({dim|'wavelength'})?}",
       .noGdal = "GDAL's programs do not know the wavelengths of bands",
       .params = {order, dimParam()},
       .keywords = {"gradient", "slope", "difference", "spectral", "curvature"}},
      describe);
}

}  // namespace cubeloom
