// SPDX-License-Identifier: GPL-3.0-or-later
// isel: select along dims by position.
#include <nlohmann/json.hpp>

#include "engine/op/view/select_operation.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Select by position";
  d.summary = "Keeps parts of dims by position, counted from 0; a single position drops the dim.";
  d.help =
      "For each dim an index (negative ones count from the end), a list of indices, or a slice start:stop[:step] as in Python. "
      "Nothing is copied: the selection reaches the source, which then reads less.";
  d.references = {"https://docs.xarray.dev/en/stable/generated/xarray.DataArray.isel.html"};
  d.example = "isel y=0 wavelength=10:60:5";
  d.python = "array.isel({indexers})";
  d.noGdal = "gdal_translate -b and -srcwin choose among bands, rows and columns only";
  d.keywords = {"subset", "index", "date", "band", "slice"};
  d.params = {Param{.name = "indexers",
                    .type = ParamType::Indexers,
                    .help = "Per dim: an index, a list, or start:stop[:step].",
                    .defaultTo = Json::object()}};
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  auto selections = readSelections(inputs[0], params.json("indexers"), selectPositions);
  if (!selections) return fail(selections.error());
  return makeSelection(inputs[0], *selections, selectionSummary(params.json("indexers")));
}

}  // namespace

CUBELOOM_OPERATION(isel) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
