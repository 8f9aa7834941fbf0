// SPDX-License-Identifier: GPL-3.0-or-later
// orthorectify: a swath on the map grid of its geographic lookup table.
#include "engine/op/family/looked_up.h"

namespace cubeloom {
namespace {

Declaration declaration() {
  Declaration d;
  d.title = "Orthorectify";
  d.summary = "Puts a raw swath onto a map grid by its geographic lookup table (GLT).";
  d.help =
      "A GLT has two numbers for each pixel of a map grid, which may be rotated: the sample and the line of the swath that lies there, "
      "counted from 1; 0 is none, and a negative number is a pixel that its maker filled in from a neighbour. The result has the table's "
      "grid and the values as they are, nothing is interpolated; where the table has no pixel, or one outside of the swath, it is nodata. "
      "ENVI's *_glt files have both numbers as bands (\"GLT Sample Lookup\", \"GLT Line Lookup\"); of EMIT's files location/glt_x and "
      "location/glt_y go into the second and the third input. The table is read whole before and may take 1 GiB; a preview takes "
      "every n-th pixel of a table of more than 32 MiB, and is approximate then. "
      "Only lines and samples that a part of the grid names are read for it. Whole numbers without a nodata value get one, in a wider "
      "type.";
  d.references = {"https://github.com/nasa/EMIT-Data-Resources (emit_tools: ortho_xr, apply_glt)",
                  "https://www.nv5geospatialsoftware.com/docs/GeoreferenceFromInputGeometry.html"};
  d.example = "orthorectify";
  d.moreExamples = {"orthorectify infill=false"};
  d.noPython = "array.isel by the table's numbers less 1 needs the names of the swath's two dims, which no parameter says";
  d.noGdal = "gdalwarp takes locations of the swath's pixels, and no table of them for the grid's";
  d.keywords = {"glt", "igm", "swath", "lookup table", "emit", "aviris", "flight line", "geolocation", "ortho"};
  d.inputs = {
      {.name = "array", .help = "The swath, whole."},
      {.name = "glt", .help = "Its lookup table: two bands, sample and line, or the samples alone (glt_x).", .grid = Port::Grid::Any},
      {.name = "glt_y", .help = "The lines, where the table's two numbers are two variables.", .optional = true, .grid = Port::Grid::Any}};
  d.params = {Param{.name = "infill",
                    .type = ParamType::Bool,
                    .help = "Whether pixels that the table filled in from a neighbour (negative numbers) stay; else they are nodata.",
                    .defaultTo = true}};
  return d;
}

Result<std::shared_ptr<const BoundOperation>> bind(const Params& params, const std::vector<ArraySpec>& inputs,
                                                   const BindContext& /*context*/) {
  return bindLookedUp(inputs, params.flag("infill"));
}

}  // namespace

CUBELOOM_OPERATION(orthorectify) { return makeOperation(declaration(), bind); }

}  // namespace cubeloom
