// SPDX-License-Identifier: GPL-3.0-or-later
// concat: several arrays behind one another along a dim.
#include "engine/base/text.h"
#include "engine/op/family/joined.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Concatenate";
  d.summary = "Puts arrays behind one another along a dim: scenes to a series, bands to a cube.";
  d.help =
      "A dim that the arrays have is lengthened in the order of the inputs; one that they lack is new and stands first, with an entry for "
      "each: at 'labels', else at the single date, wavelength or name that each has under the dim's name. All else must be alike: dims, "
      "coordinates, the grid within a thousandth of a pixel. Types that differ become the one that holds both; nodata values that differ "
      "become NaN, of whole numbers a value of a wider type.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.concat.html"};
  d.example = "concat dim=time labels=2022-02-24,2022-03-08";
  d.moreExamples = {"concat dim=wavelength"};
  d.python =
      "{?labels=:xarray.concat([array, in2], {dim})?}"
      "{?!labels=:xarray.concat([array, in2], {dim}).assign_coords({ {dim}: {labels:entries} })?}";
  d.noGdal = "gdalbuildvrt -separate puts single bands into one file, without what is known of them";
  d.keywords = {"append", "join", "merge", "stack", "combine", "time series", "layer stack"};
  d.inputs = {{.name = "array"}, {.name = "others", .help = "What comes behind it, in this order.", .many = true}};
  d.params = {{.name = "dim", .help = "Along which dim; one that the arrays lack is new.", .defaultTo = "time"},
              {.name = "labels", .help = "Where the entries lie, behind commas: numbers, dates or names."}};
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const std::string dim = params.text("dim"), labels = params.text("labels");
  std::optional<Coordinate> entries;
  if (!trim(labels).empty()) entries = coordinateFrom(split(labels, ','));
  return bindJoined(inputs, dim, entries, std::to_string(inputs.size()) + " along " + dim);
}

}  // namespace

CUBELOOM_OPERATION(concat) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
