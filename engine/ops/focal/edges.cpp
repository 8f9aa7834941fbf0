// SPDX-License-Identifier: GPL-3.0-or-later
// edges: where values change from pixel to pixel.
#include <cmath>

#include "engine/op/family/computed.h"
#include "engine/op/family/stencil.h"

namespace cubeloom {
namespace {

Result<Focal> describe(const Params& params, const ArraySpec& input) {
  if (input.isClasses()) return fail(ErrorCode::UnsupportedType, "the array holds numbers of classes: nothing lies between two of them");
  const std::string method = params.choice("method");
  Focal result;
  result.spec = input;
  settleComputed(result.spec, meanType(input.type), 0, 0, true);
  forgetMeaning(result.spec, result.warnings);
  result.edge = edgeOf(params);
  result.summary = method;
  if (method == "laplace") {
    result.kernel = stencilKernel(StencilShape::Cross, [](const auto& z) { return z(-1, 0) + z(1, 0) + z(0, -1) + z(0, 1) - 4 * z(0, 0); });
    return result;
  }
  const double middle = method == "sobel" ? 2 : 1;
  result.kernel = stencilKernel(StencilShape::Square, [middle](const auto& z) {
    const double across = z(-1, 1) - z(-1, -1) + middle * (z(0, 1) - z(0, -1)) + z(1, 1) - z(1, -1);
    const double down = z(1, -1) - z(-1, -1) + middle * (z(1, 0) - z(-1, 0)) + z(1, 1) - z(-1, 1);
    return std::sqrt(across * across + down * down);
  });
  return result;
}

}  // namespace

CUBELOOM_OPERATION(edges) {
  return focal(
      {.title = "Edges",
       .summary = "Computes how much values change from pixel to pixel, band by band.",
       .help = "sobel and prewitt are the lengths of the gradients by scipy.ndimage's weights, per pixel and not divided by their sum: a "
               "step of 1 per column is 8 of sobel and 6 of prewitt. laplace is the sum of the second differences along rows and "
               "columns. Nodata where a pixel that takes part is nodata: the square of nine, of laplace the cross of five. The result is "
               "float32, float64 for types of more than 16 bits.",
       .references = {"https://docs.scipy.org/doc/scipy/reference/ndimage.html"},
       .example = "edges method=sobel",
       .python = "array{?edge=reflect:.pad(y=1, x=1, mode='symmetric')?}{?edge=nearest:.pad(y=1, x=1, mode='edge')?}"
                 ".rolling(y=3, x=3, center=True).construct(y='wy', x='wx'){?!edge=nodata:.isel(y=slice(1, -1), x=slice(1, -1))?}"
                 ".pipe(lambda z: {?method=laplace:z.isel(wx=1, wy=[0, 2]).sum('wy', skipna=False) + "
                 "z.isel(wy=1, wx=[0, 2]).sum('wx', skipna=False) - 4 * array?}"
                 "{?!method=laplace:(lambda w: np.hypot((z.isel(wx=2) - z.isel(wx=0)).dot(w.rename(w='wy')), "
                 "(z.isel(wy=2) - z.isel(wy=0)).dot(w.rename(w='wx'))))(xarray.DataArray([1, {?method=sobel:2?}{?method=prewitt:1?}, 1], "
                 "dims='w'))?}).where(array.notnull())",
       .noGdal = "GDAL's programs have windows for heights only",
       .params = {{.name = "method",
                   .type = ParamType::Choice,
                   .help = "Which change.",
                   .defaultTo = "sobel",
                   .choices = {"sobel", "prewitt", "laplace"}},
                  edgeParam("reflect")},
       .keywords = {"gradient", "sobel", "prewitt", "laplace", "filter", "boundary", "high pass"}},
      describe);
}

}  // namespace cubeloom
