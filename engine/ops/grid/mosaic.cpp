// SPDX-License-Identifier: GPL-3.0-or-later
// mosaic: arrays that lie side by side or over one another, on one grid.
#include "engine/base/text.h"
#include "engine/op/family/grid_params.h"
#include "engine/op/family/overlaid.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Mosaic";
  d.summary = "Puts arrays of any CRS onto one grid, with one value where they overlap.";
  d.help =
      "Each array is resampled once, straight onto the output's grid: that of the first array, made as large as all of them need, or the "
      "one "
      "that crs, resolution, like and bounds say. Valid values go before nodata; where several are valid, 'method' decides, in the order "
      "of "
      "the inputs. Only what lies under a part of the grid is read for it. Types and nodata values that differ are joined as concat does. "
      "Whole numbers without a nodata value need 'fill' or assign_nodata before. Files by a pattern, a folder or a collection, any number "
      "of "
      "them, are one mosaic by load groupby=none.";
  d.references = {"https://gdal.org/en/stable/programs/gdal_merge.html",
                  "https://rasterio.readthedocs.io/en/stable/api/rasterio.merge.html"};
  d.example = "mosaic method=first";
  d.moreExamples = {"mosaic method=median resolution=7 resampling=bilinear"};
  d.noPython = "rasterio.merge takes files of one CRS";
  // gdalwarp has the later file win, and blends what is resampled from several pixels with what lies there already.
  d.gdal =
      "{?in.alike=:gdalwarp -r {resampling} {input} {output}?}{?in.alike=yes:{?method=first,last:{?resampling=nearest:{?fill=:{?gdalwarp "
      "-q "
      "-overwrite -et 0{? -t_srs {out.crs}?} -te {out.te} -ts {out.ts} -r nearest{? -dstnodata {out.nodata}?} "
      "{?method=first:{in.reversed}?}{?method=last:{in.files}?} {output}?}?}?}?}?}";
  d.keywords = {"merge", "tiles", "combine", "stitch", "overlap", "composite", "warp"};
  d.inputs = {{.name = "array"}, {.name = "others", .help = "What lies beside, below or above it.", .many = true, .grid = Port::Grid::Any}};
  Param method{
      .name = "method", .type = ParamType::Choice, .help = "What becomes of several valid values.", .defaultTo = "first", .choices = {}};
  for (const std::string& name : overlapNames()) method.choices.emplace_back(name);
  d.params = gridParams();
  d.params.insert(d.params.begin(), {method, resamplingParam()});
  d.params.insert(d.params.end(), {kernelParam(), fillParam()});
  d.validFromNodata = "count is 0 where nothing is valid";
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs, const BindContext& context) {
  for (std::size_t k = 0; k < inputs.size(); ++k)
    if (!inputs[k].geobox)
      return fail(ErrorCode::GridMismatch, "input " + std::to_string(k + 1) + " has no grid on the ground",
                  "its dims are " + dimList(inputs[k]));
  auto grid = gridOfAll(inputs);
  if (!grid) return fail(grid.error());
  const bool isSaid =
      params.has("crs") || params.has("bounds") || params.has("shape") || params.has("like") || !params.json("resolution").is_string();
  if (isSaid) grid = gridOf(params, *grid, context);
  if (!grid) return fail(grid.error());
  return bindOverlaid(inputs, *grid, warpedValues(params), overlapOf(params.choice("method")),
                      std::to_string(inputs.size()) + " arrays · " + params.choice("method"));
}

}  // namespace

CUBELOOM_OPERATION(mosaic) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
