// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the chunks of HDF5 datasets: another process says where they lie, their bytes are read and decompressed here, on every worker at
// once.
#pragma once

#include <memory>
#include <string>

#include "engine/io/file/raw_file.h"
#include "engine/io/file/reader_process.h"
#include "engine/io/hdf5/hdf5_wire.h"
#include "engine/io/source/chunk_reader.h"

namespace cubeloom {

/// An HDF5 file that a reader has open. Thread-safe.
struct Hdf5Remote {
  std::shared_ptr<RawFile> raw;
  std::unique_ptr<RemoteFile> file;

  Hdf5Remote(std::shared_ptr<RawFile> itsBytes, std::unique_ptr<RemoteFile> itsPlace)
      : raw(std::move(itsBytes)), file(std::move(itsPlace)) {}

  /// Where the chunks of a variable lie. ReadFailed.
  Result<std::vector<Hdf5Place>> locate(std::size_t variable, std::int64_t first, std::int64_t count) const;
  /// `bytes` of values of the chunk at `origin`. ReadFailed.
  Result<void> values(std::size_t variable, const std::vector<std::int64_t>& origin, std::byte* to, std::int64_t bytes) const;
};

/// `name` is that of the variable in errors; `layout` has no problem.
std::shared_ptr<ChunkReader> hdf5ChunkReader(std::shared_ptr<Hdf5Remote> file, std::size_t variable, const std::string& name,
                                             std::vector<std::int64_t> shape, const Hdf5Layout& layout);

}  // namespace cubeloom
