// SPDX-License-Identifier: GPL-3.0-or-later
// The steps of encoding that work on values rather than on bytes, undone as numcodecs does it in numpy.
#pragma once

#include <cstddef>
#include <optional>

#include "engine/io/zarr/zarr_codec.h"

namespace cubeloom {

/// Bytes that `decoded` ones become; unset for a compressor, of which it is not known.
std::optional<std::size_t> filteredBytes(const ZarrStep& step, std::size_t decoded);

/// Undoes a step that is neither a compressor nor a checksum: `from` holds filteredBytes(step, room), `to` has room for `room`. The two do
/// not overlap. The error is a plain sentence.
Result<void> undoFilter(const ZarrStep& step, const std::byte* from, std::byte* to, std::size_t room);

/// The number that two bytes of IEEE 754 binary16 are.
float halfToFloat(std::uint16_t bits);

}  // namespace cubeloom
