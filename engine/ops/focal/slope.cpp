// SPDX-License-Identifier: GPL-3.0-or-later
// slope: how steep a height model is.
#include <cmath>
#include <numbers>

#include "engine/op/family/computed.h"
#include "engine/op/family/horn.h"

namespace cubeloom {
namespace {

Result<Focal> describe(const Params& params, const ArraySpec& input) {
  const bool inPercent = params.choice("unit") == "percent";
  auto slope = hornFocal(input, params.number("z_factor"), [inPercent](Gradient rise) {
    const double steepest = std::sqrt(rise.east * rise.east + rise.north * rise.north);
    return inPercent ? 100 * steepest : std::atan(steepest) * 180 / std::numbers::pi;
  });
  if (!slope) return slope;
  settleComputed(slope->spec, PixelType::Float32, 0, 0, true);
  forgetMeaning(slope->spec, slope->warnings);
  slope->spec.unit = inPercent ? "percent" : "degree";
  slope->spec.variable = "slope";
  slope->summary = slope->spec.unit;
  return slope;
}

}  // namespace

CUBELOOM_OPERATION(slope) {
  return focal({.title = "Slope",
                .summary = "Computes how steep a height model is.",
                .help = "By Horn's formula over the eight neighbours, as gdaldem slope: nodata on the outermost pixels and beside nodata. "
                        "Heights in the units of the CRS; z_factor brings others to them.",
                .references = {"Horn, B. K. P. (1981): Hill shading and the reflectance map. doi:10.1109/PROC.1981.11918",
                               "https://gdal.org/programs/gdaldem.html"},
                .example = "slope unit=degree",
                .noPython = "xarray and odc-geo have no slope",
                .noGdal = "gdaldem slope takes the inverse of z_factor",
                .params = {{.name = "unit",
                            .type = ParamType::Choice,
                            .help = "degree: 0 to 90; percent: 100 is 45 degrees.",
                            .defaultTo = "degree",
                            .choices = {"degree", "percent"}},
                           zFactorParam()},
                .keywords = {"terrain", "dem", "steepness", "gradient", "gdaldem"}},
               describe);
}

}  // namespace cubeloom
