// SPDX-License-Identifier: GPL-3.0-or-later
// All that is known of an array without its pixels, as JSON that a client can rebuild it from.
#pragma once

#include "engine/array/array_spec.h"
#include "engine/op/param.h"

namespace cubeloom {

/// Dims, shape, dtype, nodata, unit, CRS as WKT, geotransform, attributes; coordinates with kind, numbers, names, unit, type and what
/// stands beside them. Values along several dims are left out: they are read as arrays are. NaN and infinities are the texts "nan", "inf",
/// "-inf".
Json arrayFacts(const ArraySpec& spec);

/// "code", "message", "hint", "node", "parameter", "path": the last four only where they are known.
Json errorFacts(const Error& error);

}  // namespace cubeloom
