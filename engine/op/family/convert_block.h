// SPDX-License-Identifier: GPL-3.0-or-later
// Pixels of one type as another in one pass, nodata kept as nodata.
#pragma once

#include <optional>

#include "engine/array/block.h"

namespace cubeloom {

/// Copies elements of equal shape, converting as convertPixel() does (complex to real takes the real part). Where `from` holds
/// `nodataFrom` or NaN, declared or not, `nodataTo` stands instead, where it is set. A complex element is nodata when its real part is.
void convertBlock(const BlockView& from, const BlockView& to, std::optional<double> nodataFrom, std::optional<double> nodataTo);

}  // namespace cubeloom
