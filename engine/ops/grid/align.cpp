// SPDX-License-Identifier: GPL-3.0-or-later
// align: the array on the grid of another one.
#include "engine/op/family/warped.h"
#include "engine/op/view/selection.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Align";
  d.summary = "Brings the array onto the grid of a second one, so that both can be computed with.";
  d.help =
      "The result has exactly the second input's rows, columns and CRS. Of that input nothing is read. Resampling, nodata and 'fill' are "
      "as "
      "for reproject.";
  d.references = {"https://odc-geo.readthedocs.io/en/latest/intro-geobox.html"};
  d.example = "align resampling=bilinear";
  d.python = "{?out.dtype=:array.odc.reproject(in2.odc.geobox, resampling={resampling})?}" + warpedPython();
  d.gdal = "{?out.te=:gdalwarp -r {resampling} {input} {output}?}" + warpedGdal();
  d.keywords = {"coregister", "snap", "match", "same grid", "like", "resample"};
  d.inputs = {{.name = "array"}, {.name = "reference", .help = "The array whose grid is taken.", .grid = Port::Grid::Any}};
  d.params = {resamplingParam(), kernelParam(), fillParam()};
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  if (!inputs[1].geobox)
    return fail(ErrorCode::GridMismatch, "the second input has no grid on the ground", "its dims are " + dimList(inputs[1]));
  return bindWarped(inputs[0], *inputs[1].geobox, warpedValues(params));
}

}  // namespace

CUBELOOM_OPERATION(align) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
