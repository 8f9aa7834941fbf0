// SPDX-License-Identifier: GPL-3.0-or-later
// squeeze: drops dims of one entry, as a view.
#include "engine/base/text.h"
#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Squeeze";
  d.summary = "Drops dims that have one entry only.";
  d.help =
      "All of them, or those that are named. The entry's date, wavelength or name becomes a coordinate of the whole array. Without its "
      "rows "
      "or columns an array has no grid on the ground.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.squeeze.html"};
  d.example = "squeeze";
  d.python = "array.squeeze({dims|})";
  d.noGdal = "GDAL's rasters always have bands, rows and columns";
  d.keywords = {"drop", "dim", "single", "length one"};
  d.params = {Param{.name = "dims", .type = ParamType::Dims, .help = "Which dims; by default all that have one entry."}};
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  const ArraySpec& input = inputs[0];
  auto dims = dimsNamed(input, params.texts("dims"));
  if (!dims) return fail(dims.error());
  for (const int d : *dims) {
    const Dim& dim = input.dims[static_cast<std::size_t>(d)];
    if (dim.size != 1)
      return invalidParameter("dims", "'" + dim.name + "' has " + formatCount(dim.size) + " entries, not one",
                              "take one of them with isel or sel");
  }
  std::map<std::string, DimSelection> selections;
  for (std::size_t d = 0; d < input.dims.size(); ++d) {
    const bool isMeant =
        dims->empty() ? input.dims[d].size == 1 : std::find(dims->begin(), dims->end(), static_cast<int>(d)) != dims->end();
    if (isMeant) selections[input.dims[d].name] = {IndexSet::single(0), true};
  }
  std::vector<std::string> names;
  names.reserve(selections.size());
  for (const auto& [name, selection] : selections) names.push_back(name);
  return makeSelection(input, selections, names.empty() ? "no dim has one entry" : "without " + join(names, ", "));
}

}  // namespace

CUBELOOM_OPERATION(squeeze) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
