// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/op/family/horn.h"

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
  focal.kernel = focalKernel([=](const auto& run) {
    using T = std::remove_pointer_t<decltype(run.out)>;
    for (std::int64_t r = 0; r < run.rows; ++r)
      for (std::int64_t c = 0; c < run.cols; ++c) {
        const auto z = [&](std::int64_t dy, std::int64_t dx) { return static_cast<double>(run.values[(r + dy) * run.pitch + c + dx]); };
        const double perCol = z(-1, 1) + 2 * z(0, 1) + z(1, 1) - z(-1, -1) - 2 * z(0, -1) - z(1, -1);
        const double perRow = z(1, -1) + 2 * z(1, 0) + z(1, 1) - z(-1, -1) - 2 * z(-1, 0) - z(-1, 1);
        run.out[r * run.cols + c] = static_cast<T>(result(onTheGround(perCol * factor, perRow * factor)));
        for (std::int64_t k = 0; k < 9; ++k) run.outValid[r * run.cols + c] &= run.valid[(r + k / 3 - 1) * run.pitch + c + k % 3 - 1];
      }
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
