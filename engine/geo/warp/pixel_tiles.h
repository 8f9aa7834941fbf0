// SPDX-License-Identifier: GPL-3.0-or-later
// A map under PROJ made cheap: polynomials on tiles fixed in the output's own indices, used only where they are proven good.
#pragma once

#include "engine/geo/warp/pixel_mapper.h"

namespace cubeloom {

/// As PixelMapper::mapRows, for runs of neighbouring rows and columns; `shift` is 0, 0.5 or 1.
void mapRowsInTiles(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols, double shift,
                    const PixelMapper::RowVisitor& visit);

}  // namespace cubeloom
