// SPDX-License-Identifier: GPL-3.0-or-later
// orthorectify: a swath on a map grid, by its geographic lookup table or by the locations of its pixels.
#include "engine/base/text.h"
#include "engine/op/family/grid_params.h"
#include "engine/op/family/looked_up.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Orthorectify";
  d.summary = "Puts a raw swath onto a map grid by its geographic lookup table (GLT), or by the locations of its pixels.";
  d.help =
      "A GLT has two numbers for each pixel of a map grid, which may be rotated: the sample and the line of the swath that lies there, "
      "counted from 1; 0 is none, and a negative number is a pixel that its maker filled in from a neighbour. The result has the table's "
      "grid and the values as they are, nothing is interpolated; where the table has no pixel, or one outside of the swath, it is nodata. "
      "ENVI's *_glt files have both numbers as bands (\"GLT Sample Lookup\", \"GLT Line Lookup\"); of EMIT's files location/glt_x and "
      "location/glt_y go into the second and the third input.\n\n"
      "With method=nearest or bilinear the other inputs are locations instead: where each pixel of the swath lies, as two bands (ENVI's "
      "IGM) "
      "or as two variables (longitudes and latitudes of NetCDF and HDF5 files; which is which their names say). The grid is then yours to "
      "say: like=, or bounds= with a resolution or a shape. nearest takes the value of the location that is nearest on the ground, if it "
      "is "
      "not farther away than half as far as the location's own neighbours: the swath does not run over its edge, and gaps of "
      "it stay gaps. bilinear takes four locations around a pixel's centre, and nodata where one of their values is, or where there are "
      "none "
      "around it. Locations without a value are none.\n\n"
      "Tables and locations are read whole before and may take 1 GiB; a preview takes every n-th pixel of more than 32 MiB, and is "
      "approximate then. Only lines and samples that a part of the grid names are read for it. Whole numbers without a nodata value get "
      "one, "
      "in a wider type.";
  d.references = {"https://github.com/nasa/EMIT-Data-Resources (emit_tools: ortho_xr, apply_glt)",
                  "https://www.nv5geospatialsoftware.com/docs/GeoreferenceFromInputGeometry.html",
                  "https://pyresample.readthedocs.io/en/latest/howtos/swath.html"};
  d.example = "orthorectify";
  d.moreExamples = {"orthorectify infill=false"};
  d.noPython = "array.isel by the table's numbers less 1 needs the names of the swath's two dims, which no parameter says";
  d.noGdal = "gdalwarp takes locations of the swath's pixels, and no table of them for the grid's";
  d.keywords = {
      "glt",         "igm",  "longitude latitude arrays", "viirs", "pace", "swath", "lookup table", "emit", "aviris", "flight line",
      "geolocation", "ortho"};
  d.inputs = {
      {.name = "array", .help = "The swath, whole."},
      {.name = "glt",
       .help =
           "Its lookup table: two bands, sample and line, or the samples alone (glt_x). Or its locations: two bands, x and y, or x alone.",
       .grid = Port::Grid::Any},
      {.name = "glt_y", .help = "The lines, or y, where both numbers are two variables.", .optional = true, .grid = Port::Grid::Any}};
  d.params = {{.name = "method",
               .type = ParamType::Choice,
               .help = "What the second input is, and how a pixel gets its value.",
               .defaultTo = "glt",
               .choices = {{"glt", "a lookup table"},
                           {"nearest", "locations: the nearest one's value"},
                           {"bilinear", "locations: between the four around it", {"linear"}}}},
              {.name = "infill",
               .type = ParamType::Bool,
               .help = "Of a GLT: whether pixels that it filled in from a neighbour (negative numbers) stay; else they are nodata.",
               .defaultTo = true}};
  std::vector<Param> grid = gridParams();
  for (Param& param : grid) {
    param.help = "Of locations: " + toLower(param.help.substr(0, 1)) + param.help.substr(1);
    if (param.name == "crs") param.help = "Of locations: that of the output; by default theirs.";
    if (param.name == "bounds") param.help = "Of locations: extent of the output in its CRS.";
  }
  d.params.insert(d.params.end(), grid.begin(), grid.end());
  d.params.insert(d.params.end(),
                  {{.name = "locations_crs",
                    .type = ParamType::Crs,
                    .help = "Of locations: what their x and y are counted in, as EPSG:32610 of an IGM in metres.",
                    .defaultTo = "EPSG:4326"},
                   {.name = "max_distance",
                    .type = ParamType::Number,
                    .help = "Of locations: the farthest that one may lie from a pixel's centre, instead of half as far as its "
                            "neighbours.",
                    .unit = "units of the CRS",
                    .minimum = 0,
                    .advanced = true}});
  return d;
}

/// The grid that is asked for: that of another array, or within bounds.
Result<GeoBox> gridOfSwath(const Params& params, const std::vector<ArraySpec>& inputs, const Crs& locations, const BindContext& context) {
  auto like = gridLike(params, context);
  if (!like) return fail(like.error());
  if (*like) return **like;
  auto request = gridRequestOf(params, locations);
  if (!request) return fail(request.error());
  if (!request->bounds)
    return invalidParameter("bounds", "where the swath lies is not known before its locations are read",
                            "say bounds=xmin,ymin,xmax,ymax of the output and a resolution, or like=another array");
  auto size = swathSize(inputs[0]);
  if (!size) return fail(size.error());
  // As many pixels as the swath has, over these bounds: what "auto" refers to.
  const Bounds& b = *request->bounds;
  const auto lines = static_cast<double>(size->first), samples = static_cast<double>(size->second);
  const GeoBox source(size->first, size->second, Affine{(b.xmax - b.xmin) / samples, 0, b.xmin, 0, (b.ymin - b.ymax) / lines, b.ymax},
                      request->crs);
  return outputGeobox(source, *request);
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs, const BindContext& context) {
  const std::string method = params.choice("method");
  if (method == "glt") {
    for (const char* name : {"crs", "like", "bounds", "shape", "max_distance"})
      if (params.has(name))
        return invalidParameter(name, "it is of locations: a lookup table has its own grid", "leave it out, or set method=nearest");
    return bindLookedUp(inputs, params.flag("infill"));
  }
  auto crs = params.crs("locations_crs");
  if (!crs) return fail(crs.error());
  auto grid = gridOfSwath(params, inputs, *crs, context);
  if (!grid) return fail(grid.error());
  return bindLocated(inputs, *grid, {method == "bilinear", params.number("max_distance", 0), *crs});
}

}  // namespace

CUBELOOM_OPERATION(orthorectify) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
