// SPDX-License-Identifier: GPL-3.0-or-later
// Reads the chunks of HDF5 datasets: their bytes through the library under its lock, their decompression outside.
#pragma once

#include <memory>
#include <string>

#include "engine/io/hdf5/hdf5_library.h"
#include "engine/io/source/chunk_reader.h"

namespace cubeloom {

/// An open file; closed under the lock when the last user lets go.
class Hdf5Handle {
 public:
  Hdf5Handle(Hdf5Id file, std::string path) : m_file(std::move(file)), m_path(std::move(path)) {}
  ~Hdf5Handle();
  Hdf5Handle(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(const Hdf5Handle&) = delete;
  hid_t id() const { return m_file.get(); }
  const std::string& path() const { return m_path; }

 private:
  Hdf5Id m_file;
  std::string m_path;
};

/// `name`: absolute path of the dataset in the file. UnsupportedType: a filter this build does not have. OpenFailed: chunks beyond 512 MiB.
Result<std::shared_ptr<ChunkReader>> openHdf5Chunks(const std::shared_ptr<Hdf5Handle>& file, const std::string& name);

}  // namespace cubeloom
