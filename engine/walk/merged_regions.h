// SPDX-License-Identifier: GPL-3.0-or-later
// Several regions of one array as one, so that what several nodes need of it is made once.
#pragma once

#include "engine/array/block.h"
#include "engine/array/region.h"

namespace cubeloom {

/// The smallest region that holds both: along every dim all indices of either, ascending; a dim along which they are equal stays as it is.
Region mergedRegion(const Region& a, const Region& b);

/// Whether that region surely has more elements than both together, told without making it: along one dim they lie apart, along another
/// they differ.
bool isMergerWasteful(const Region& a, const Region& b);

/// Where the indices of `part` stand in `whole`, which holds them all: positions along each dim.
Region positionsIn(const Region& whole, const Region& part);

/// Whether positionsIn() is a range along every dim: the part is then a strided view.
bool isView(const Region& positions);
/// That view of a block of `whole`.
BlockView viewAt(const BlockView& whole, const Region& positions);
/// Copies the elements at `positions` (any) to a block of their shape.
void copyAt(const BlockView& whole, const Region& positions, const BlockView& to);

}  // namespace cubeloom
