// SPDX-License-Identifier: GPL-3.0-or-later
// When an array without a dim of time is from.
#pragma once

#include <optional>

#include "engine/array/array_spec.h"

namespace cubeloom {

/// Seconds since 1970: its single coordinate of a date, "time" before others, else the attribute in which makers of files write it.
std::optional<double> statedDate(const ArraySpec& spec);

}  // namespace cubeloom
