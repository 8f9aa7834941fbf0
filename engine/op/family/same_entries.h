// SPDX-License-Identifier: GPL-3.0-or-later
// When the entries of two arrays at one place along a dim are the same.
#pragma once

#include "engine/array/array_spec.h"

namespace cubeloom {

/// The first entry at which two dims of one size lie elsewhere: other dates, other wavelengths, by more than a thousandth of a step. -1:
/// there is none, or one of them has only numbers of bands or no coordinate.
std::int64_t firstOtherEntry(const Dim& a, const Dim& b);

}  // namespace cubeloom
