// SPDX-License-Identifier: GPL-3.0-or-later
// An output that is a folder, being written under a temporary name beside its target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/cancel.h"
#include "engine/base/result.h"

namespace cubeloom {

/// Owns a folder of an unfinished output; removes it with all it holds unless moved to the target or left. write() may be called from any
/// thread at once. WriteFailed names the target, the bytes and the system's reason.
class FolderOutput {
 public:
  FolderOutput() = default;
  FolderOutput(FolderOutput&& other) noexcept;
  FolderOutput& operator=(FolderOutput&& other) noexcept;
  ~FolderOutput();

  /// The folder `path`, made unless it is there: an earlier run may have begun it.
  static Result<FolderOutput> inside(const std::string& path, const std::string& target);

  const std::string& path() const { return m_path; }
  Result<void> addFolder(const std::string& name);
  /// The file `name` ("folder/file") with these bytes, whatever it held before.
  Result<void> write(const std::string& name, const std::byte* data, std::size_t bytes) const;
  /// To the disk; the errors of all that was written. Canceled: not all of it is there.
  Result<void> finish(const CancelToken& cancel);
  /// Moves the folder to `target` in one step. With `overwrite` a folder that stands there is swapped out and then removed; without, it is
  /// left alone: InvalidParameter.
  Result<void> moveTo(const std::string& target, bool overwrite);
  void remove();
  /// Lets it lie.
  void leave() { m_path.clear(); }

 private:
  std::string m_path, m_target;
};

}  // namespace cubeloom
