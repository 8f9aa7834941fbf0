// SPDX-License-Identifier: GPL-3.0-or-later
// sample_points: the values at points, of all bands and dates at once.
#include "engine/op/family/sampled_points.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  return {
      .title = "Sample points",
      .summary = "Reads the values at the points of a file: spectra and series at once.",
      .help =
          "The result has the dim point instead of the spatial ones; all bands and dates stay. The id attribute gives the points' names, "
          "and their places stand beside them as x and y, in the array's CRS. Multi-points give an entry per point.\n\n"
          "nearest takes the pixel that a point lies in, in the array's own type. bilinear weighs the four pixel centres around it; where "
          "one "
          "of them is nodata or missing the cell is empty. A window takes a statistic of the valid ones of n x n pixels around the pixel "
          "that "
          "the point lies in. With a buffer it is that of the circle around the point, each pixel by the exact part of it that lies "
          "inside. "
          "A point outside of the grid is an empty cell, never a neighbour's value. Only the pixels around the points "
          "are "
          "read.",
      .references = {"https://rasterio.readthedocs.io/en/stable/api/rasterio.sample.html",
                     "https://docs.xarray.dev/en/stable/user-guide/interpolation.html#advanced-interpolation"},
      .example = "sample_points points='plots.geojson|id=name'",
      .moreExamples = {"sample_points points=plots.geojson method=bilinear",
                       "sample_points points=plots.geojson window=3 statistic=median"},
      .python =
          "{?buffer=:{?!window=1:array.rolling(y={window}, x={window}, center=True, min_periods=1).{statistic:word}()?}{?window=1:array?}"
          ".interp(x=xarray.DataArray((places := geopandas.read_file({points:path}{?, layer={points:layer}?}{?, where={points:where}?})"
          ".to_crs(array.rio.crs).geometry).x, dims='point'), y=xarray.DataArray(places.y, dims='point'), "
          "method={?method=bilinear:'linear'?}{?method=nearest:'nearest'?}){?.assign_coords({out.new})?}?}",
      .noGdal = "gdallocationinfo prints values of one point after another",
      .params =
          {{.name = "points", .type = ParamType::Features, .help = "A file of points: plots.gpkg, or plots.csv|id=name.", .required = true},
           {.name = "method",
            .type = ParamType::Choice,
            .help = "How a point gets its value.",
            .defaultTo = "nearest",
            .choices = {{"nearest", "of the pixel that it lies in", {"near"}}, {"bilinear", "of the four centres around it", {"linear"}}}},
           {.name = "window",
            .type = ParamType::Integer,
            .help = "Side of a square of pixels around the point's own, odd; 1: that pixel alone.",
            .unit = "px",
            .defaultTo = 1,
            .minimum = 1,
            .maximum = 99},
           bufferParam("Radius of a circle around the point, a polygon of 64 corners in the array's CRS, on the ellipsoid where that is of "
                       "longitudes "
                       "and latitudes; its statistic weighs pixels by the part of them that lies inside."),
           {.name = "statistic",
            .type = ParamType::Choice,
            .help = "What a window or a circle amounts to.",
            .defaultTo = "mean",
            .choices = {"mean", "median", "min", "max", "std", "sum", "count"}}},
      .keywords = {"points", "extract", "spectra", "time series", "plots", "vector", "probe", "rasterio.sample"}};
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs, const BindContext& context) {
  const PointSampling sampling{params.choice("method") == "bilinear", params.integer("window"), params.choice("statistic"),
                               params.number("buffer", 0)};
  if (sampling.window % 2 == 0)
    return invalidParameter("window", "a window of " + std::to_string(sampling.window) + " pixels has no middle",
                            "choose " + std::to_string(sampling.window + 1));
  if (sampling.isBilinear && sampling.window > 1)
    return invalidParameter("window", "a window goes with method=nearest alone", "leave one of the two out");
  if (sampling.buffer > 0 && (sampling.isBilinear || sampling.window > 1))
    return invalidParameter("buffer", "it stands for a window or for method=bilinear", "leave one of the two out");
  auto points = pointsOn(inputs[0], params, "points", context);
  if (!points) return fail(std::move(points.error()));
  return bindSampledPoints(inputs[0], std::move(*points), sampling);
}

}  // namespace

CUBELOOM_OPERATION(sample_points) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
