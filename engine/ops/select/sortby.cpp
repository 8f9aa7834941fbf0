// SPDX-License-Identifier: GPL-3.0-or-later
// sortby: the entries along a dim in the order of its coordinate, as a view.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/op/family/along_dim.h"
#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Sort by coordinate";
  d.summary = "Puts the entries along a dim in the order of its coordinate: wavelengths, dates, names.";
  d.help =
      "Equal ones keep their order, or with ascending=false are reversed like the rest, as in xarray. NaN comes last. Nothing is copied: "
      "the order reaches the source.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.sortby.html"};
  d.example = "sortby dim=wavelength ascending=false";
  d.python = "array.sortby({dim|array.dims[0]}, ascending={ascending})";
  d.noGdal = "gdal_translate -b takes bands in another order, but does not look for it";
  d.keywords = {"order", "sort", "monotonic", "time", "wavelength"};
  d.params = {dimParam(), {.name = "ascending", .type = ParamType::Bool, .help = "From the least to the greatest.", .defaultTo = true}};
  return d;
}

/// As numpy.lexsort has it.
std::vector<std::int64_t> risingOrder(const Dim& dim) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(dim.size));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  const Coordinate& along = dim.coordinate;
  const auto label = [&](std::int64_t i) -> const std::string& { return along.labels[static_cast<std::size_t>(i)]; };
  if (along.kind != Coordinate::Kind::None) {
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      const double x = along.at(a), y = along.at(b);
      return std::isnan(y) ? !std::isnan(x) : x < y;
    });
  } else if (!along.labels.empty()) {
    std::stable_sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) { return label(a) < label(b); });
  }
  return order;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  const auto d = dimOf(params, input);
  if (!d) return fail(d.error());
  const Dim& dim = input.dims[static_cast<std::size_t>(*d)];
  std::vector<std::int64_t> order = risingOrder(dim);
  const bool rises = params.flag("ascending");
  if (!rises) std::reverse(order.begin(), order.end());
  return makeSelection(input, {{dim.name, {IndexSet::list(std::move(order))}}}, dim.name + (rises ? ", ascending" : ", descending"));
}

}  // namespace

CUBELOOM_OPERATION(sortby) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
