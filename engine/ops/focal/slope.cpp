// SPDX-License-Identifier: GPL-3.0-or-later
// slope: how steep a height model is.
#include <cmath>
#include <numbers>

#include "engine/op/family/computed.h"
#include "engine/op/family/focal.h"

namespace cubeloom {
namespace {

Result<Focal> describe(const Params& params, const ArraySpec& input) {
  if (!input.geobox) return fail(ErrorCode::GridMismatch, "the array has no grid on the ground, so that distances are unknown");
  if (input.geobox->crs().isGeographic())
    return fail(ErrorCode::GridMismatch, "the grid is in degrees, heights are not", "bring it into a projected CRS with reproject");
  const bool inPercent = params.choice("unit") == "percent";
  const double factor = params.number("z_factor") / 8;
  const double width = input.geobox->pixelWidth(), height = input.geobox->pixelHeight();
  Focal result;
  result.spec = input;
  settleComputed(result.spec, PixelType::Float32, 0, 0, true);
  forgetMeaning(result.spec, result.warnings);
  result.spec.unit = inPercent ? "percent" : "degree";
  result.spec.variable = "slope";
  result.summary = result.spec.unit;
  result.kernel = focalKernel([=](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    for (std::int64_t r = 0; r < run.rows; ++r)
      for (std::int64_t c = 0; c < run.cols; ++c) {
        const auto z = [&](std::int64_t dy, std::int64_t dx) { return static_cast<double>(run.values[(r + dy) * run.pitch + c + dx]); };
        const double dx = (z(-1, -1) + 2 * z(0, -1) + z(1, -1) - z(-1, 1) - 2 * z(0, 1) - z(1, 1)) / width;
        const double dy = (z(1, -1) + 2 * z(1, 0) + z(1, 1) - z(-1, -1) - 2 * z(-1, 0) - z(-1, 1)) / height;
        const double rise = std::sqrt(dx * dx + dy * dy) * factor;
        run.out[r * run.cols + c] = static_cast<T>(inPercent ? 100 * rise : std::atan(rise) * 180 / std::numbers::pi);
        for (std::int64_t k = 0; k < 9; ++k) run.outValid[r * run.cols + c] &= run.valid[(r + k / 3 - 1) * run.pitch + c + k % 3 - 1];
      }
  });
  return result;
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
                           {.name = "z_factor",
                            .type = ParamType::Number,
                            .help = "Units of the CRS in one unit of height: 0.3048 for feet over metres.",
                            .defaultTo = 1,
                            .advanced = true}},
                .keywords = {"terrain", "dem", "steepness", "gradient", "gdaldem"}},
               describe);
}

}  // namespace cubeloom
