// SPDX-License-Identifier: GPL-3.0-or-later
// The header of a classic NetCDF file (CDF-1, CDF-2, CDF-5), parsed without the library: its values are plain big-endian arrays that can
// be read from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/io/source/variable_file.h"

namespace cubeloom {

struct Netcdf3Variable {
  StoredVariable stored;
  bool isRecord = false;  ///< its first dim is the unlimited one: one slab per record
  std::int64_t begin = 0;
  std::int64_t slabBytes = 0;  ///< of one record, or of all
};

struct Netcdf3Header {
  std::vector<Netcdf3Variable> variables;
  Attributes attributes;
  std::int64_t records = 0;
  std::int64_t recordBytes = 0;  ///< from one record to the next
  bool truncated = false;        ///< what was given ends inside the header

  /// `bytes`: the file from its start, at least the whole header. `fileBytes` bounds what it may claim. OpenFailed, the message without the
  /// file's name.
  static Result<Netcdf3Header> parse(std::string_view bytes, std::int64_t fileBytes);
};

}  // namespace cubeloom
