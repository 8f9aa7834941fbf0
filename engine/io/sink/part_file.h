// SPDX-License-Identifier: GPL-3.0-or-later
// A file being written under a temporary name beside its target: nothing unfinished ever stands at the final name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/cancel.h"
#include "engine/base/result.h"
#include "engine/io/sink/written_sums.h"

namespace cubeloom {

/// Owns a descriptor and a temporary name ".<name>.part-<pid>-<n><suffix>" in the target's folder; removes the file unless moved to the
/// target. write() and read() may be called from any thread at once. WriteFailed names the target, the bytes and the system's reason.
class PartFile {
 public:
  PartFile() = default;
  PartFile(PartFile&& other) noexcept;
  PartFile& operator=(PartFile&& other) noexcept;
  ~PartFile();

  static Result<PartFile> create(const std::string& target, std::string_view suffix = {});
  /// Takes a temporary name without making the file: for writers that open by name, and for open().
  static PartFile named(const std::string& target, std::string_view suffix = {});
  /// The same name as `other`, and a suffix.
  static PartFile beside(const PartFile& other, std::string_view suffix);
  /// A file of a part's folder.
  static PartFile inside(const std::string& path, const std::string& target);
  Result<void> open();
  /// The file as it is, when it is there.
  Result<void> openOrCreate();
  /// Opens the file that another writer made under this name.
  Result<void> reopen();

  const std::string& path() const { return m_path; }
  bool isOpen() const { return m_descriptor >= 0; }
  /// Another descriptor of the open file, the caller's to close; -1 when the system has none left.
  int duplicate() const;

  /// Makes the file `bytes` long, its blocks reserved where the file system can: a full disk shows before the work.
  Result<void> reserve(std::int64_t bytes);
  /// Reserves blocks for `bytes` where the file system can; the file stays as long as it is.
  Result<void> reserveBlocks(std::int64_t bytes);
  /// Makes the file `bytes` long without reserving: holes read as zeros.
  Result<void> resize(std::int64_t bytes);
  Result<void> write(std::int64_t offset, const std::byte* data, std::size_t bytes) const;
  /// From now on `sums`, which outlive this, know what write() puts into the file.
  void sumUp(WrittenSums& sums) { m_sums = &sums; }
  Result<void> read(std::int64_t offset, std::byte* data, std::size_t bytes) const;
  /// Gives the disk blocks inside the range back, where the file system can.
  void release(std::int64_t offset, std::int64_t bytes) const;

  /// To the disk, then closed; the errors of both. Canceled: not all of it is there, and the file stays open.
  Result<void> finish(const CancelToken& cancel = {});
  /// Moves the finished file to `target` in one step. Without `overwrite` an existing file is left alone: InvalidParameter.
  Result<void> moveTo(const std::string& target, bool overwrite);
  void remove();
  /// Closes it and lets it lie.
  void leave();
  /// Of the file under its temporary name, open or not; 0 when there is none.
  std::int64_t sizeBytes() const;

 private:
  Result<void> openWith(int flags);
  int m_descriptor = -1;
  WrittenSums* m_sums = nullptr;
  std::string m_path, m_target;
};

/// Of the 255 bytes that a file name may have; the rest is for what tells parts from each other.
inline constexpr std::size_t kLongestStem = 200;
/// The folder part of a path, "." when there is none; the name part.
std::string folderOf(const std::string& path);
std::string nameOf(const std::string& path);

/// WriteFailed: "TARGET: what: the system's reason" for the number `code`, with a remedy where there is one.
Failure writeFailed(const std::string& target, const std::string& what, int code);
/// Canceled, when it is: nothing more is to be done for `target`.
Result<void> checkNotCanceled(const CancelToken& cancel, const std::string& target);
/// After something finished was renamed to `target` (0), or was not: InvalidParameter when the target came to exist meanwhile. The folder
/// is sent to the disk.
Result<void> checkMoved(int code, const std::string& target);

}  // namespace cubeloom
