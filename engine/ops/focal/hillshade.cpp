// SPDX-License-Identifier: GPL-3.0-or-later
// hillshade: a height model in the light of a low sun.
#include <cmath>
#include <numbers>

#include "engine/op/family/computed.h"
#include "engine/op/family/horn.h"

namespace cubeloom {
namespace {

Result<Focal> describe(const Params& params, const ArraySpec& input) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double azimuth = params.number("azimuth") * kRadians, altitude = params.number("altitude") * kRadians;
  const double east = std::sin(azimuth) * std::cos(altitude), north = std::cos(azimuth) * std::cos(altitude), up = std::sin(altitude);
  // The cosine of the angle between the sun and the ground's normal.
  auto shade = hornFocal(input, params.number("z_factor"), [=](Gradient rise) {
    const double light = (up - rise.east * east - rise.north * north) / std::sqrt(1 + rise.east * rise.east + rise.north * rise.north);
    return light <= 0 ? 1 : 1 + 254 * light;
  });
  if (!shade) return shade;
  settleComputed(shade->spec, PixelType::UInt8, 1, 255, true);
  forgetMeaning(shade->spec, shade->warnings);
  shade->spec.variable = "hillshade";
  shade->summary = "sun from " + params.json("azimuth").dump() + " degrees";
  return shade;
}

}  // namespace

CUBELOOM_OPERATION(hillshade) {
  return focal({.title = "Hillshade",
                .summary = "Lights a height model from one side.",
                .help = "1 where no light falls to 255 where it falls straight, as gdaldem hillshade by Horn's formula; nodata (0) on the "
                        "outermost pixels and beside nodata. Azimuths count from north of the grid over east.",
                .references = {"Horn, B. K. P. (1981): Hill shading and the reflectance map. doi:10.1109/PROC.1981.11918",
                               "https://gdal.org/programs/gdaldem.html"},
                .example = "hillshade azimuth=315",
                .noPython = "xarray and odc-geo have no hillshade",
                .gdal = "gdaldem hillshade -az {azimuth} -alt {altitude} -z {z_factor} {input} {output}",
                .params = {{.name = "azimuth",
                            .type = ParamType::Number,
                            .help = "Where the light comes from.",
                            .unit = "degrees",
                            .defaultTo = 315,
                            .minimum = 0,
                            .maximum = 360},
                           {.name = "altitude",
                            .type = ParamType::Number,
                            .help = "How high the light stands.",
                            .unit = "degrees",
                            .defaultTo = 45,
                            .minimum = 0,
                            .maximum = 90},
                           zFactorParam()},
                .keywords = {"terrain", "dem", "relief", "shading", "gdaldem"}},
               describe);
}

}  // namespace cubeloom
