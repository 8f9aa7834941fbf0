// SPDX-License-Identifier: GPL-3.0-or-later
// Coordinates of text in HDF5 files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/io/hdf5/hdf5_heap.h"
#include "engine/io/hdf5/hdf5_library.h"

namespace cubeloom {

/// The text of a dataset without dims, the texts of one of one dim, or of characters in two dims of which the last is the length of each;
/// UTF-8, without what fills them up. Unset: other shapes, more than `kMostLabels` texts or `kMostLabelBytes`, or a damaged file. Under the
/// lock.
std::optional<std::vector<std::string>> hdf5Texts(hid_t dataset, const std::vector<std::int64_t>& shape, Hdf5Heap& heap);

}  // namespace cubeloom
