// SPDX-License-Identifier: GPL-3.0-or-later
// An HDF5 file as the library has it open: what is in it, where chunks lie, and values that the library alone can undo.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/io/hdf5/hdf5_heap.h"
#include "engine/io/hdf5/hdf5_library.h"
#include "engine/io/hdf5/hdf5_wire.h"

namespace cubeloom {

/// Used in the reader alone. Its functions are called, and it is made and let go, under the lock.
class Hdf5File {
 public:
  /// OpenFailed: not such a file, cut off, or a read of it failed.
  static Result<std::shared_ptr<Hdf5File>> open(const std::string& path);

  /// All but the file's number; once.
  Hdf5Facts takeFacts() { return std::move(m_facts); }
  /// Of chunks `first` to `first + count` of a variable of located chunks, row-major. ReadFailed where a read of the index failed.
  Result<std::vector<Hdf5Place>> locate(std::size_t variable, std::int64_t first, std::int64_t count);
  /// The values of the chunk at `origin`, in the file's byte order, with the strides of the layout's chunk.
  Result<std::vector<std::byte>> values(std::size_t variable, const std::vector<std::int64_t>& origin);

 private:
  friend class Hdf5Walk;
  struct Opened {
    std::string name;  ///< absolute, in the file
    Hdf5Id dataset, type;
    std::vector<std::int64_t> shape, chunk;
    std::size_t elementBytes = 0;
  };

  Hdf5File(std::shared_ptr<Hdf5Input> input, Hdf5Id file) : m_input(std::move(input)), m_file(std::move(file)) {}
  Result<Opened*> opened(std::size_t variable);
  Result<void> checkReads(ErrorCode code) const;

  std::shared_ptr<Hdf5Input> m_input;
  Hdf5Id m_file;
  Hdf5Facts m_facts;
  std::vector<Opened> m_variables;  ///< the dataset from the first use on
};

/// How the values of `dataset`, which `place` names in errors, are stored. Under the lock.
Hdf5Layout hdf5Layout(hid_t dataset, const std::string& place);

}  // namespace cubeloom
