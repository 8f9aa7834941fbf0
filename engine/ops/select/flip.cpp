// SPDX-License-Identifier: GPL-3.0-or-later
// flip: the entries along dims in reverse order, as a view.
#include "engine/base/text.h"
#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Flip";
  d.summary = "Reverses the order of the entries along dims.";
  d.help =
      "Coordinates go with the entries: rows that ran north to south run south to north, at the same places on the ground. To mirror the "
      "ground itself, give the result another grid with assign_grid.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.isel.html"};
  d.example = "flip dims=y";
  d.python = "array.isel(dict.fromkeys({dims}, slice(None, None, -1)))";
  d.noGdal = "gdal_translate reverses no rows, columns or bands";
  d.keywords = {"reverse", "mirror", "upside down", "north up", "order"};
  Param dims{.name = "dims", .type = ParamType::Dims, .help = "The dims to reverse."};
  dims.required = true;
  d.params = {dims};
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  auto dims = dimsNamed(input, params.texts("dims"));
  if (!dims) return fail(dims.error());
  if (dims->empty()) return invalidParameter("dims", "no dim is named", "the dims are " + dimList(input));
  std::map<std::string, DimSelection> selections;
  for (const int d : *dims) {
    const Dim& dim = input.dims[static_cast<std::size_t>(d)];
    selections[dim.name] = {IndexSet::range(dim.size - 1, dim.size, -1)};
  }
  return makeSelection(input, selections, join(params.texts("dims"), ", ") + " reversed (view only)");
}

}  // namespace

CUBELOOM_OPERATION(flip) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
