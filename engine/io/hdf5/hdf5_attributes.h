// SPDX-License-Identifier: GPL-3.0-or-later
// The attributes of HDF5 objects, within limits.
#pragma once

#include "engine/io/hdf5/hdf5_heap.h"
#include "engine/io/hdf5/hdf5_library.h"
#include "engine/io/source/variable_file.h"

namespace cubeloom {

/// Text and numbers attached to `object`; others (references, compounds) and what is larger than a sane attribute are left out. Under the
/// lock.
Attributes hdf5Attributes(hid_t object, Hdf5Heap& heap);

/// The object references in the attribute DIMENSION_LIST of a variable of `rank` dims: for each dim the address of its first scale, or
/// unset. Under the lock.
std::vector<std::optional<std::uint64_t>> hdf5DimensionScales(hid_t dataset, std::size_t rank, Hdf5Heap& heap);

/// numpy-like number types of fixed size; unset for all others. `swapped`: not in the machine's byte order. Under the lock.
std::optional<PixelType> hdf5PixelType(hid_t type, bool& swapped);

}  // namespace cubeloom
