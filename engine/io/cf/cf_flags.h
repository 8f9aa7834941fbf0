// SPDX-License-Identifier: GPL-3.0-or-later
// The classes of a variable: CF's flag_values and flag_meanings, and the colours that land cover products put beside them.
#pragma once

#include "engine/array/array_spec.h"
#include "engine/io/cf/cf_variables.h"

namespace cubeloom {

/// Gives `spec`, which has the variable's attributes and type, the numbers of its flags as values of that type (-56 of a byte that is
/// unsigned is 200), and the colours of `flag_colors`: "#rrggbb", one per entry of flag_values, or for 0, 1, 2 ... where there is none.
void setFlags(const StoredVariable& variable, const ValueDecoder& decoder, ArraySpec& spec);

}  // namespace cubeloom
