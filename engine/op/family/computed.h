// SPDX-License-Identifier: GPL-3.0-or-later
// What a computed array is: its type, a nodata value that no valid result can have, and what of its input's meaning still holds.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/array/array_spec.h"
#include "engine/base/result.h"
#include "engine/op/param_values.h"

namespace cubeloom {

/// float32 where the values have at most 24 significant bits (integers of up to 16 bits, float32 itself), else float64.
PixelType meanType(PixelType type);
/// float32 where that is so of all inputs, else float64.
PixelType meanType(const std::vector<ArraySpec>& inputs);

/// Turns `spec`, an input's, into that of results of pixel type `type` between `low` and `high`, which mean what the input's values mean.
/// Nodata is NaN for floats. For whole numbers it is the input's own where no result can have it, else the end of the type's range that
/// none can have, else the next wider type takes over; none where `hasMissing` is false.
void settleComputed(ArraySpec& spec, PixelType type, double low, double high, bool hasMissing);

/// The same of results that are some of `values`, NaN for nodata: in the narrowest type that has them and a nodata value, which is float32
/// for such as are no whole numbers of 32 bits.
void settleComputed(ArraySpec& spec, const std::vector<double>& values);

/// Makes sure that `spec` has a nodata value, for results that are some of its values where there is one and nodata elsewhere: NaN for
/// floats; whole numbers without one become the next wider type, which `warnings` then says.
void giveNodata(ArraySpec& spec, std::vector<std::string>& warnings);

/// Says of `spec` that values are classes, where rows of a table name or colour them. InvalidParameter on `parameter` where one of these is
/// no whole number from 0 to 65535.
Result<void> setClasses(ArraySpec& spec, const std::vector<TableRow>& rows, const std::string& parameter);

/// Takes from `spec` what does not hold of results that are another quantity than the input: unit, names, scale, classes. Adds to
/// `warnings` what the user should know of it.
void forgetMeaning(ArraySpec& spec, std::vector<std::string>& warnings);

/// The same of differences of the input's values: their unit holds, a scale and an offset do not. UnsupportedType of classes.
Result<void> settleDifferences(ArraySpec& spec, std::vector<std::string>& warnings);

/// Of a kernel that computes in float64: says of whole numbers of 64 bits that not all of them pass it as they are.
void noteDoubles(PixelType type, std::vector<std::string>& warnings);

/// The least and the greatest value of a type: infinities where it has them.
std::pair<double, double> rangeOf(PixelType type);

}  // namespace cubeloom
