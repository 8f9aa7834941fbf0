// SPDX-License-Identifier: GPL-3.0-or-later
// The file that one part of a run leaves: the units it has made, as they came, and an index behind them.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/access/run_parts.h"
#include "engine/io/sink/journal.h"
#include "engine/io/sink/part_file.h"

namespace cubeloom {

/// Where a unit lies in its file.
struct PlacedUnit {
  std::uint64_t number = 0;
  std::int64_t offset = 0, bytes = 0;
  std::uint32_t checksum = 0, zero = 0;
};

/// What stands behind the units.
struct UnitIndex {
  JournalHeader header;  ///< what they were made from
  RunPart part;
  UnitRange range;                ///< that the part was asked for
  std::vector<PlacedUnit> units;  ///< ascending
};

/// Appends the index to a file whose units end at `offset`.
Result<void> writeUnitIndex(const PartFile& file, std::int64_t offset, const UnitIndex& index);
/// Unset: the file is not there, or not what writeUnitIndex() made.
std::optional<UnitIndex> readUnitIndex(const std::string& path);

}  // namespace cubeloom
