// SPDX-License-Identifier: GPL-3.0-or-later
// Temporary folders beside their targets, on POSIX calls.
#include "engine/io/sink/folder_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include "engine/base/guard.h"
#include "engine/base/text.h"
#include "engine/io/sink/part_file.h"

namespace cubeloom {
namespace fs = std::filesystem;
namespace {

/// A flush for each of more files takes longer than one of the whole file system, which waits for what others write too.
constexpr std::size_t kMostFlushedOneByOne = 1000;

bool isThere(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0;
}

/// Calls `how` for what is at `path`; 0, or the system's reason.
int flush(const std::string& path, int (*how)(int)) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) return errno;
  const int code = how(descriptor) != 0 ? errno : 0;
  ::close(descriptor);
  return code;
}

/// For file systems that know neither a sparing rename nor a swap: the former folder steps aside first.
int moveInSteps(const std::string& from, const std::string& target, bool overwrite) {
  if (!isThere(target)) return ::rename(from.c_str(), target.c_str());
  if (!overwrite) {
    errno = EEXIST;
    return -1;
  }
  const std::string aside = from + ".former";
  if (::rename(target.c_str(), aside.c_str()) != 0) return -1;
  if (::rename(from.c_str(), target.c_str()) != 0) {
    const int code = errno;
    (void)::rename(aside.c_str(), target.c_str());
    errno = code;
    return -1;
  }
  // What is left of the former output lies where remove() looks for the temporary folder.
  return ::rename(aside.c_str(), from.c_str());
}

}  // namespace

FolderOutput::FolderOutput(FolderOutput&& other) noexcept { *this = std::move(other); }

FolderOutput& FolderOutput::operator=(FolderOutput&& other) noexcept {
  std::swap(m_path, other.m_path);
  std::swap(m_target, other.m_target);
  return *this;
}

FolderOutput::~FolderOutput() {
  (void)guarded([this] { remove(); });
}

Result<FolderOutput> FolderOutput::inside(const std::string& path, const std::string& target) {
  FolderOutput folder;
  folder.m_target = target;
  if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST)
    return writeFailed(target, "cannot create a folder in '" + folderOf(target) + "'", errno);
  folder.m_path = path;
  return folder;
}

Result<void> FolderOutput::addFolder(const std::string& name) {
  if (::mkdir((m_path + "/" + name).c_str(), 0777) != 0 && errno != EEXIST)
    return writeFailed(m_target, "cannot create the folder '" + name + "' in it", errno);
  return {};
}

Result<void> FolderOutput::write(const std::string& name, const std::byte* data, std::size_t bytes) const {
  const int descriptor = ::open((m_path + "/" + name).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
  if (descriptor < 0) return writeFailed(m_target, "cannot create '" + name + "' in it", errno);
  std::size_t done = 0;
  int code = 0;
  while (done < bytes && code == 0) {
    const ssize_t n = ::write(descriptor, data + done, bytes - done);
    if (n > 0) done += static_cast<std::size_t>(n);
    if (n == 0) code = ENOSPC;
    if (n < 0 && errno != EINTR) code = errno;
  }
  if (::close(descriptor) != 0 && code == 0) code = errno;
  if (code == 0) return {};
  return writeFailed(m_target,
                     "writing '" + name + "' in it stopped " + formatCount(static_cast<std::int64_t>(bytes - done)) + " bytes short", code);
}

Result<void> FolderOutput::finish(const CancelToken& cancel) {
  // All are set going before the first is waited for.
  std::vector<std::string> paths{m_path};
  std::error_code code;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(m_path, code)) {
    CUBELOOM_TRY(checkNotCanceled(cancel, m_target));
    paths.push_back(entry.path().string());
    if (entry.is_regular_file(code))
      (void)flush(entry.path().string(), [](int file) { return ::sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE); });
  }
  if (code) return writeFailed(m_target, "looking through its temporary folder", code.value());
  if (paths.size() > kMostFlushedOneByOne) {
    const int failed = flush(m_path, ::syncfs);
    return failed == 0 ? Result<void>() : writeFailed(m_target, "flushing to the disk", failed);
  }
  // What lies in a folder before the folder.
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    CUBELOOM_TRY(checkNotCanceled(cancel, m_target));
    if (const int failed = flush(*path, ::fsync); failed != 0) return writeFailed(m_target, "flushing to the disk", failed);
  }
  return {};
}

Result<void> FolderOutput::moveTo(const std::string& target, bool overwrite) {
  const bool swaps = overwrite && isThere(target);
  int moved = ::renameat2(AT_FDCWD, m_path.c_str(), AT_FDCWD, target.c_str(), swaps ? RENAME_EXCHANGE : RENAME_NOREPLACE);
  if (moved != 0 && (errno == EINVAL || errno == ENOSYS)) moved = moveInSteps(m_path, target, overwrite);
  CUBELOOM_TRY(checkMoved(moved == 0 ? 0 : errno, target));
  if (swaps) {
    remove();
  } else {
    m_path.clear();
  }
  return {};
}

void FolderOutput::remove() {
  if (m_path.empty()) return;
  std::error_code ignored;
  fs::remove_all(m_path, ignored);
  m_path.clear();
}

}  // namespace cubeloom
