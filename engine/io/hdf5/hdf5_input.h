// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of an HDF5 file on their way to the library: read by RawFile, as all other files are, and with a memory for reads that failed.
// The library itself takes many of those for something that is not there: a name, an attribute, a type.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "engine/io/file/raw_file.h"
#include "engine/io/hdf5/hdf5_library.h"

namespace cubeloom {

/// Its functions are called under the lock.
class Hdf5Input {
 public:
  explicit Hdf5Input(std::shared_ptr<RawFile> file) : m_file(std::move(file)) {}
  const std::string& path() const { return m_file->path(); }
  std::int64_t sizeBytes() const { return m_file->sizeBytes(); }
  /// Fills [to, to + count); false when that failed, which takeFailure() then says.
  bool read(void* to, std::int64_t count, std::int64_t offset);
  /// The first read that has failed since the last call, whatever was made of it.
  std::optional<std::string> takeFailure() { return std::exchange(m_failure, std::nullopt); }

  /// A read of values that the library asks for.
  struct Noted {
    std::int64_t offset = 0, bytes = 0;
  };
  /// Until takeNoted() values are not read: that they were asked for, and where, is noted instead. HDF5 1.10 tells the place of a chunk by
  /// going through all of them.
  void noteInstead() { m_isNoting = true; }
  bool isNoting() const { return m_isNoting; }
  void note(Noted read) { m_noted = ++m_notedCount == 1 ? std::optional(read) : std::nullopt; }
  /// The one read that was noted; unset: none, or several.
  std::optional<Noted> takeNoted() {
    m_isNoting = false;
    m_notedCount = 0;
    return std::exchange(m_noted, std::nullopt);
  }

 private:
  std::shared_ptr<RawFile> m_file;
  std::optional<std::string> m_failure;
  bool m_isNoting = false;
  int m_notedCount = 0;
  std::optional<Noted> m_noted;
};

/// The file as an object of the library, which reads it through `input`; invalid when the library does not take it.
Hdf5Id openThrough(const std::shared_ptr<Hdf5Input>& input);

}  // namespace cubeloom
