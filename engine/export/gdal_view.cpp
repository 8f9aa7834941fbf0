// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/export/gdal_view.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/shell_words.h"
#include "engine/base/text.h"
#include "engine/export/form_facts.h"

namespace cubeloom {
namespace {

GdalView cannot(const std::string& reason) { return {reason, {}}; }

bool isSameNodata(const std::optional<double>& a, const std::optional<double>& b) {
  return a == b || (a && b && std::isnan(*a) && std::isnan(*b));
}

/// The dims that become bands.
std::vector<std::size_t> bandDims(const ArraySpec& spec) {
  std::vector<std::size_t> dims;
  for (std::size_t d = 0; d < spec.dims.size(); ++d)
    if (static_cast<int>(d) != spec.yDim && static_cast<int>(d) != spec.xDim) dims.push_back(d);
  return dims;
}

/// Which band of the input each band of the result is, from 1, in order.
std::vector<std::int64_t> bandsOf(const ArraySpec& input, const ArraySpec& out, const Need& need) {
  const auto inner = bandDims(input), outer = bandDims(out);
  std::int64_t count = 1;
  for (const std::size_t k : outer) count *= out.dims[k].size;
  std::vector<std::int64_t> bands;
  for (std::int64_t i = 0; i < count; ++i) {
    std::vector<std::int64_t> at(out.dims.size(), 0);
    std::int64_t rest = i;
    for (std::size_t k = outer.size(); k-- > 0; rest /= out.dims[outer[k]].size) at[outer[k]] = rest % out.dims[outer[k]].size;
    std::int64_t band = 0;
    for (const std::size_t d : inner) {
      const int axis = need.direct->axes[d];
      const std::int64_t index = axis < 0 ? need.region[d].first() : need.region[d].at(at[static_cast<std::size_t>(axis)]);
      band = band * input.dims[d].size + index;
    }
    bands.push_back(band + 1);
  }
  return bands;
}

std::string placing(const ArraySpec& input, const ArraySpec& out, std::int64_t col, std::int64_t row, GdalView& view) {
  if (!out.geobox || !input.geobox) return {};
  std::string options;
  const GeoBox window = input.geobox->crop({row, col, out.geobox->rows(), out.geobox->cols()});
  if (!(window.affine() == out.geobox->affine())) {
    const Bounds b = out.geobox->bounds();
    const Affine& a = out.geobox->affine();
    if (!a.isAxisAligned() || a.a < 0 || a.e > 0) view.reason = "gdal_translate takes bounds alone (-a_ullr), not a turned grid";
    options += " -a_ullr " + join({formatNumber(b.xmin), formatNumber(b.ymax), formatNumber(b.xmax), formatNumber(b.ymin)}, " ");
  }
  if (out.geobox->crs().isValid() && !out.geobox->crs().isSameAs(input.geobox->crs()))
    options += " -a_srs " + shellQuoted(crsForPrograms(out.geobox->crs()));
  return options;
}

}  // namespace

GdalView gdalView(const BoundOperation& view, const ArraySpec& input) {
  const ArraySpec& out = view.spec();
  const auto* kernel = dynamic_cast<const KernelOperation*>(&view);
  if (!input.isSpatial() || !out.isSpatial()) return cannot("GDAL's rasters always have rows and columns");
  const auto needs = kernel ? kernel->plan(fullRegion(out.shape()), nullptr) : Result<std::vector<Need>>(std::vector<Need>());
  if (!needs || needs->size() != 1 || !needs->front().direct) return cannot("it takes its input in parts");
  const Need& need = needs->front();
  const auto y = static_cast<std::size_t>(input.yDim), x = static_cast<std::size_t>(input.xDim);
  if (need.direct->axes[y] != out.yDim || need.direct->axes[x] != out.xDim) return cannot("rows and columns change their places");
  const IndexSet &rows = need.region[y], &cols = need.region[x];
  if (!rows.isContiguous() || !cols.isContiguous())
    return cannot("gdal_translate takes a window of rows and columns (-srcwin), not every second one or another order");
  GdalView result;
  const auto bands = bandsOf(input, out, need);
  std::vector<std::int64_t> all(bands.size());
  std::iota(all.begin(), all.end(), 1);
  std::int64_t given = 1;
  for (const std::size_t d : bandDims(input)) given *= input.dims[d].size;
  if (bands != all || static_cast<std::int64_t>(bands.size()) != given)
    for (const std::int64_t band : bands) result.options += " -b " + std::to_string(band);
  if (rows.count() != input.dims[y].size || cols.count() != input.dims[x].size)
    result.options += " -srcwin " + std::to_string(cols.first()) + " " + std::to_string(rows.first()) + " " + std::to_string(cols.count()) +
                      " " + std::to_string(rows.count());
  if (!isSameNodata(input.nodata, out.nodata)) result.options += " -a_nodata " + (out.nodata ? formatNumber(*out.nodata) : "none");
  result.options += placing(input, out, cols.first(), rows.first(), result);
  return result;
}

}  // namespace cubeloom
