// SPDX-License-Identifier: GPL-3.0-or-later
// A file of variables that is one file on disk, as NetCDF and HDF5 are: values lie in it in one piece, or in chunks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "engine/io/source/chunk_reader.h"
#include "engine/io/source/variable_file.h"

namespace cubeloom {

class SingleFile : public VariableFile {
 public:
  /// OpenFailed also when the values reach beyond the end of the file.
  Result<std::shared_ptr<Source>> open(std::size_t index, ArraySpec spec, const ValueDecoder& decoder) override;

 protected:
  /// Reads the chunks of variable `index`.
  virtual Result<std::shared_ptr<ChunkReader>> reader(std::size_t index) = 0;
  /// Where the values lie in one piece, row-major, from this byte on; unset when they do not.
  virtual std::optional<std::int64_t> denseOffset(std::size_t index) = 0;
};

}  // namespace cubeloom
