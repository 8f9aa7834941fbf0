// SPDX-License-Identifier: GPL-3.0-or-later
// The warped family: the array's planes resampled onto another grid. The family reads what the output samples, interpolates as gdalwarp
// does, and keeps nodata out of values; an operation says which grid.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/geo/warp/warp.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// How pixels get their values.
struct WarpedValues {
  WarpOptions options;
  std::optional<double> fill = {};  ///< outside the source; unset: the array's nodata, for floats without one NaN, which is then declared
};

/// Those values' parameters: `resampling`; `kernel` and `fill`, which are advanced.
Param resamplingParam();
Param kernelParam();
Param fillParam();
/// What they say.
WarpedValues warpedValues(const Params& params);

/// Their Python and GDAL forms for arrays that are known: the output's grid in numbers.
std::string warpedPython();
std::string warpedGdal();

/// `input` on `target`. GridMismatch: it has no grid. UnsupportedType: complex values by anything but nearest. InvalidParameter `fill`:
/// nothing says what stands outside the source, or its type cannot hold that. CrsUnavailable: PROJ cannot join the CRSs.
Result<std::shared_ptr<const BoundOperation>> bindWarped(const ArraySpec& input, const GeoBox& target, const WarpedValues& values);

/// An operation of the family over one input: `target` says the grid from the parameters and the input's own.
using TargetGrid = std::function<Result<GeoBox>(const Params&, const GeoBox& source, const BindContext&)>;
std::unique_ptr<Operation> warped(Declaration declaration, TargetGrid target);

}  // namespace cubeloom
