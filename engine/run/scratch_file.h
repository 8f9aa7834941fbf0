// SPDX-License-Identifier: GPL-3.0-or-later
// A file without a name: its space goes back to the disk when it is closed, however the process ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// write() and read() may be called from any thread at once. WriteFailed and ReadFailed name the folder and the system's reason.
class ScratchFile {
 public:
  static Result<ScratchFile> create(const std::string& folder);
  ScratchFile(ScratchFile&& other) noexcept;
  ScratchFile& operator=(ScratchFile&&) = delete;
  ~ScratchFile();

  Result<void> write(std::int64_t offset, const std::byte* data, std::int64_t bytes) const;
  Result<void> read(std::int64_t offset, std::byte* data, std::int64_t bytes) const;

 private:
  ScratchFile(int descriptor, std::string folder) : m_descriptor(descriptor), m_folder(std::move(folder)) {}
  int m_descriptor;
  std::string m_folder;
};

}  // namespace cubeloom
