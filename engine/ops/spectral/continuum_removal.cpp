// SPDX-License-Identifier: GPL-3.0-or-later
// continuum_removal: spectra relative to the convex hull above them.
#include <algorithm>
#include <cmath>

#include "engine/op/family/along_dim.h"
#include "engine/op/family/computed.h"

namespace cubeloom {
namespace {

/// The upper convex hull of one spectrum, corner by corner (Andrew's monotone chain): entries in the order of their positions.
class Hull {
 public:
  explicit Hull(const std::vector<double>& at) : m_at(at) {}
  void clear() { m_corners.clear(); }
  void add(std::size_t i, double value) {
    while (m_corners.size() > 1 && isBelow(i, value)) m_corners.pop_back();
    m_corners.push_back({i, value});
  }
  std::size_t size() const { return m_corners.size(); }
  double between(std::size_t left, std::size_t i) const {
    const Corner &a = m_corners[left], &b = m_corners[std::min(left + 1, m_corners.size() - 1)];
    return a.entry == b.entry ? a.value : a.value + (b.value - a.value) * (m_at[i] - m_at[a.entry]) / (m_at[b.entry] - m_at[a.entry]);
  }
  std::size_t entry(std::size_t corner) const { return m_corners[corner].entry; }

 private:
  struct Corner {
    std::size_t entry;
    double value;
  };
  bool isBelow(std::size_t i, double value) const {
    const Corner &a = m_corners[m_corners.size() - 2], &b = m_corners.back();
    return (b.value - a.value) * (m_at[i] - m_at[a.entry]) <= (value - a.value) * (m_at[b.entry] - m_at[a.entry]);
  }
  const std::vector<double>& m_at;
  std::vector<Corner> m_corners;
};

Result<AlongDim> describe(const Params& params, const ArraySpec& input) {
  auto dim = dimOf(params, input);
  if (!dim) return fail(dim.error());
  const Dim& along = input.dims[static_cast<std::size_t>(*dim)];
  auto all = positionsOf(along);
  if (!all) return fail(all.error());
  const auto range = params.range("range");
  const auto isIn = [&](double at) { return !range || (range->first <= at && at <= range->second); };
  const auto first = std::find_if(all->begin(), all->end(), isIn);
  const std::vector<double> at(first, std::find_if_not(first, all->end(), isIn));
  if (at.size() < 3)
    return invalidParameter("range", "a hull over " + std::to_string(at.size()) + " entries of '" + along.name + "' takes nothing away",
                            "give a range of at least three");
  const auto skipped = static_cast<std::size_t>(first - all->begin());
  Region region = fullRegion(input.shape());
  region[static_cast<std::size_t>(*dim)] = IndexSet::range(static_cast<std::int64_t>(skipped), static_cast<std::int64_t>(at.size()));
  AlongDim result;
  result.dim = *dim;
  result.spec = input.select(region);
  settleComputed(result.spec, meanType(input.type), 0, 0, true);
  const bool isQuotient = params.choice("method") == "quotient";
  if (isQuotient) forgetMeaning(result.spec, result.warnings);
  result.summary = params.choice("method") + " along " + along.name;
  result.kernel = dimKernel([at, skipped, isQuotient](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    Hull hull(at);
    const bool isRising = at.back() > at.front();
    for (std::size_t p = 0; p < run.pixels; ++p) {
      const auto in = [&](std::size_t i) { return (skipped + i) * run.pixels + p; };
      hull.clear();
      for (std::size_t k = 0; k < at.size(); ++k) {
        const std::size_t i = isRising ? k : at.size() - 1 - k;
        if (run.valid[in(i)] && std::isfinite(run.in[in(i)])) hull.add(i, run.in[in(i)]);
      }
      std::size_t corner = 0;
      for (std::size_t k = 0; k < at.size(); ++k) {
        const std::size_t i = isRising ? k : at.size() - 1 - k, o = i * run.pixels + p;
        while (corner + 2 < hull.size() && at[hull.entry(corner + 1)] < at[i]) ++corner;
        const bool isFinite = run.valid[in(i)] && std::isfinite(run.in[in(i)]);
        const double top = isFinite ? hull.between(corner, i) : 0;
        if (!run.valid[in(i)] || (isFinite && isQuotient && !(top > 0)))
          run.outValid[o] = 0;
        else if (!isFinite)
          run.out[o] = static_cast<T>(run.in[in(i)]);
        else
          run.out[o] = static_cast<T>(isQuotient ? run.in[in(i)] / top : run.in[in(i)] - top);
      }
    }
  });
  return result;
}

}  // namespace

CUBELOOM_OPERATION(continuum_removal) {
  return alongDim(
      {.title = "Continuum removal",
       .summary = "Divides each spectrum by its convex hull, or subtracts it.",
       .help = "The hull is the lowest line bent downwards only that lies above all valid entries of the range; it touches the spectrum at "
               "both ends. quotient is 1 where it does and nodata where the hull is not positive; difference is 0 there. Entries outside "
               "the range are left out of the result. Nodata stays nodata and takes no part, and infinities stay infinite and take none.",
       .references = {"Clark, R. N., Roush, T. L. (1984): Reflectance spectroscopy: quantitative analysis techniques for remote sensing "
                      "applications. doi:10.1029/JB089iB07p06329"},
       .example = "continuum_removal range=500,800",
       .noPython = "xarray and scipy have no upper hull along a dim",
       .noGdal = "GDAL's programs do not know the wavelengths of bands",
       .params = {{.name = "method",
                   .type = ParamType::Choice,
                   .help = "What is done with the hull.",
                   .defaultTo = "quotient",
                   .choices = {"quotient", "difference"}},
                  {.name = "range", .type = ParamType::Range, .help = "Between which wavelengths; all when left out.", .unit = "nm"},
                  dimParam()},
       .keywords = {"convex hull", "absorption", "band depth", "feature", "mineral"}},
      describe);
}

}  // namespace cubeloom
