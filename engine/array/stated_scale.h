// SPDX-License-Identifier: GPL-3.0-or-later
// How true values follow from stored ones, as far as their file says it: the one place for unscale, open decode=true and what warns of
// computing with stored values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// ENVI's key, and what is left of it in formats whose names have no blanks.
inline constexpr const char* kReflectanceScales[] = {"reflectance scale factor", "reflectance_scale_factor"};

/// Nodata becomes NaN; others what trueValue() makes of them.
struct StatedScale {
  int dim = -1;  ///< the factors and offsets are of its indices; -1: there is one for all
  std::vector<double> factors, offsets;
  double divisor = 1;  ///< not 1: it alone applies

  std::string summary() const;
};

/// stored * factor + offset, product and sum rounded one by one as in numpy; or stored / divisor.
template <class T>
T trueValue(T stored, T factor, T offset, T divisor) {
  return divisor != 1 ? stored / divisor : stored * factor + offset;
}

/// Scale and offset of the array or along a dim; without them ENVI's "reflectance scale factor", which values are divided by. Nothing where
/// the file says none, or one that changes nothing.
std::optional<StatedScale> statedScale(const ArraySpec& spec);

/// A scale of the file that statedScale() makes nothing of, as its header has it: "data gain values = {0.01}". Empty: there is none.
std::string scaleNotUnderstood(const ArraySpec& spec);

/// The array of the true values: float32 for types of up to 16 bits and float32 itself, else float64; nodata is NaN, the scale gone.
ArraySpec decodedSpec(const ArraySpec& spec);

}  // namespace cubeloom
