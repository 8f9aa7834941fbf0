// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/horn.h"

#include "engine/op/family/stencil.h"

namespace cubeloom {

Result<Focal> hornFocal(const ArraySpec& input, double zFactor, const std::function<double(Gradient)>& result) {
  if (!input.geobox) return fail(ErrorCode::GridMismatch, "the array has no grid on the ground, so that distances are unknown");
  if (input.geobox->crs().isGeographic())
    return fail(ErrorCode::GridMismatch, "the grid is in degrees, heights are not", "bring it into a projected CRS with reproject");
  const Affine grid = input.geobox->affine();
  const double factor = zFactor / 8;
  // From rises per column and per row: the transposed inverse of the grid's matrix.
  const auto onTheGround = [grid](double perCol, double perRow) -> Gradient {
    if (grid.isAxisAligned()) return {perCol / grid.a, perRow / grid.e};
    return {(grid.e * perCol - grid.d * perRow) / grid.determinant(), (grid.a * perRow - grid.b * perCol) / grid.determinant()};
  };
  Focal focal;
  focal.spec = input;
  focal.kernel = stencilKernel(StencilShape::Square, [=](const auto& z) {
    const double perCol = z(-1, 1) + 2 * z(0, 1) + z(1, 1) - z(-1, -1) - 2 * z(0, -1) - z(1, -1);
    const double perRow = z(1, -1) + 2 * z(1, 0) + z(1, 1) - z(-1, -1) - 2 * z(-1, 0) - z(-1, 1);
    return result(onTheGround(perCol * factor, perRow * factor));
  });
  return focal;
}

Param zFactorParam() {
  return {.name = "z_factor",
          .type = ParamType::Number,
          .help = "Units of the CRS in one unit of height: 0.3048 for feet over metres.",
          .defaultTo = 1,
          .advanced = true};
}

}  // namespace cubeloom
