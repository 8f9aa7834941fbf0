// SPDX-License-Identifier: GPL-3.0-or-later
// aspect: which way a height model falls.
#include <cmath>
#include <numbers>

#include "engine/op/family/computed.h"
#include "engine/op/family/horn.h"

namespace cubeloom {
namespace {

/// Degrees from north over east; NaN where the ground is flat.
double downhill(Gradient rise) {
  if (rise.east == 0 && rise.north == 0) return NAN;
  const double azimuth = std::atan2(-rise.east, -rise.north) * 180 / std::numbers::pi;
  return azimuth < 0 ? azimuth + 360 : azimuth + 0.0;  // never -0
}

Result<Focal> describe(const Params& /*params*/, const ArraySpec& input) {
  auto aspect = hornFocal(input, 1, downhill);
  if (!aspect) return aspect;
  settleComputed(aspect->spec, PixelType::Float32, 0, 0, true);
  forgetMeaning(aspect->spec, aspect->warnings);
  aspect->spec.unit = "degree";
  aspect->spec.variable = "aspect";
  return aspect;
}

}  // namespace

CUBELOOM_OPERATION(aspect) {
  return focal(
      {.title = "Aspect",
       .summary = "Computes which way a height model falls.",
       .help = "The azimuth of the steepest way down in degrees: 0 is north of the grid, 90 east. By Horn's formula over the eight "
               "neighbours, as gdaldem aspect: nodata where the ground is flat, on the outermost pixels and beside nodata. Pixels "
               "that are not square count with their true sides, which gdaldem leaves out.",
       .references = {"Horn, B. K. P. (1981): Hill shading and the reflectance map. doi:10.1109/PROC.1981.11918",
                      "https://gdal.org/programs/gdaldem.html"},
       .example = "aspect",
       .noPython = "xarray and odc-geo have no aspect",
       .gdal = "gdaldem aspect {input} {output}",
       .keywords = {"terrain", "dem", "exposition", "azimuth", "gdaldem"}},
      describe);
}

}  // namespace cubeloom
