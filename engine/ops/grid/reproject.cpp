// SPDX-License-Identifier: GPL-3.0-or-later
// reproject: the array on another grid. Nearest onto a parallel grid is a pure selection, so only the sampled lines are read.
#include "engine/op/family/grid_params.h"
#include "engine/op/family/warped.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Reproject";
  d.summary = "Brings the array onto another grid: CRS, resolution, alignment.";
  d.help =
      "The output grid follows odc-geo's output_geobox: by default it is snapped to multiples of the resolution (anchor=edge, gdalwarp's "
      "-tap). "
      "nearest picks one source pixel and reads only the lines it samples; bilinear, cubic, cubicspline and lanczos interpolate and, when "
      "shrinking, widen their kernel as gdalwarp does (kernel=plain does not); average, rms, sum, min, max, mode, med, q1 and q3 look at "
      "every "
      "source pixel under the output pixel. Nodata never mixes into a value. Outside the source stands the array's nodata, or 'fill'.";
  d.references = {"https://odc-geo.readthedocs.io/en/latest/_api/odc.geo.geobox.GeoBox.html", "https://gdal.org/programs/gdalwarp.html",
                  "Keys, R. (1981): Cubic convolution interpolation for digital image processing. doi:10.1109/TASSP.1981.1163711"};
  d.example = "reproject crs=EPSG:32610 resolution=500 resampling=nearest";
  d.python = "{?out.dtype=:array.odc.reproject({crs|array.odc.crs}, resolution={resolution}, resampling={resampling})?}" + warpedPython();
  d.gdal =
      "{?out.te=:gdalwarp{? -t_srs {crs}?}{? -tr {resolution}?}{? -te {bounds}?} -r {resampling}{? -dstnodata {fill}?} {input} {output}?}" +
      warpedGdal();
  d.keywords = {"warp", "project", "resample", "utm", "epsg", "regrid", "resolution"};
  d.params = gridParams();
  d.params.insert(d.params.begin() + 2, resamplingParam());
  d.params.insert(d.params.end(), {kernelParam(), fillParam()});
  return d;
}

}  // namespace

CUBELOOM_OPERATION(reproject) { return warped(declaration(), gridOf); }

}  // namespace cubeloom
