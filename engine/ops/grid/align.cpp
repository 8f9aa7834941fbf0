// SPDX-License-Identifier: GPL-3.0-or-later
// align: the array on the grid of another one.
#include "engine/op/family/grid_params.h"
#include "engine/op/family/warped.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Align";
  d.summary = "Brings the array onto the grid of a second one, so that both can be computed with.";
  d.help =
      "The result has exactly the second input's rows, columns and CRS, or those of the node or file that 'like' names. Of it nothing is "
      "read. Resampling, nodata and 'fill' are "
      "as "
      "for reproject.";
  d.references = {"https://odc-geo.readthedocs.io/en/latest/intro-geobox.html"};
  d.example = "align like=labels.tif resampling=bilinear";
  d.python = "{?like=:{?out.dtype=:array.odc.reproject(in2.odc.geobox, resampling={resampling})?}?}" + warpedPython();
  d.gdal = "{?out.te=:gdalwarp -r {resampling} {input} {output}?}" + warpedGdal();
  d.keywords = {"coregister", "snap", "match", "same grid", "like", "resample"};
  d.inputs = {{.name = "array"},
              {.name = "reference", .help = "The array whose grid is taken.", .optional = true, .grid = Port::Grid::Any}};
  d.params = {Param{.name = "like", .type = ParamType::Node, .help = "Instead of a second input: the node or file whose grid is taken."},
              resamplingParam(), kernelParam(), fillParam()};
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs, const BindContext& context) {
  if (params.has("like") == (inputs.size() > 1))
    return invalidParameter(
        "like", inputs.size() > 1 ? "a second input says the grid already" : "nothing says the grid",
        inputs.size() > 1 ? "leave like out, or disconnect the input" : "connect a second input, or name a node or file with like");
  if (inputs.size() < 2) {
    auto grid = gridLike(params, context);
    if (!grid) return fail(grid.error());
    return bindWarped(inputs[0], **grid, warpedValues(params));
  }
  if (!inputs[1].geobox)
    return fail(ErrorCode::GridMismatch, "the second input has no grid on the ground", "its dims are " + dimList(inputs[1]));
  return bindWarped(inputs[0], *inputs[1].geobox, warpedValues(params));
}

}  // namespace

CUBELOOM_OPERATION(align) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
