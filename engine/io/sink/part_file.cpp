// SPDX-License-Identifier: GPL-3.0-or-later
// Temporary files beside their targets, on POSIX calls: the positioned reads and writes need no lock.
#include "engine/io/sink/part_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "engine/base/text.h"
#include "engine/io/file/io_error.h"
#include "engine/io/sink/flush.h"

namespace cubeloom {

std::string folderOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string nameOf(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

Failure writeFailed(const std::string& target, const std::string& what, int code) {
  Error error;
  error.code = ErrorCode::WriteFailed;
  error.message = "'" + target + "': " + what + ": " + std::strerror(code);
  if (code == ENOSPC || code == EDQUOT) error.hint = "free disk space in '" + folderOf(target) + "' or write elsewhere";
  if (code == EFBIG) error.hint = "raise the limit on file sizes (ulimit -f), or write to a file system that holds such files";
  error.path = target;
  return fail(std::move(error));
}

Result<void> checkNotCanceled(const CancelToken& cancel, const std::string& target) {
  if (!cancel.isCanceled()) return {};
  return failAt(ErrorCode::Canceled, target, "writing was canceled");
}

Result<void> checkMoved(int code, const std::string& target) {
  if (code == EEXIST) {
    Failure failure =
        invalidParameter("path", "'" + target + "' came to exist while it was being written", "set overwrite=true or choose another path");
    failure.value().path = target;
    return failure;
  }
  if (code != 0) return writeFailed(target, "renaming what is finished", code);
  const int folder = ::open(folderOf(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    // The output itself is safe already; a folder that cannot be synced does not make the result wrong.
    (void)::fsync(folder);
    ::close(folder);
  }
  return {};
}

PartFile::PartFile(PartFile&& other) noexcept { *this = std::move(other); }

PartFile& PartFile::operator=(PartFile&& other) noexcept {
  std::swap(m_descriptor, other.m_descriptor);
  std::swap(m_sums, other.m_sums);
  std::swap(m_path, other.m_path);
  std::swap(m_target, other.m_target);
  return *this;
}

PartFile::~PartFile() { remove(); }

PartFile PartFile::named(const std::string& target, std::string_view suffix) {
  static std::atomic<unsigned> next{0};
  PartFile file;
  file.m_target = target;
  file.m_path = folderOf(target) + "/." + nameOf(target).substr(0, kLongestStem) + ".part-" + std::to_string(::getpid()) + "-" +
                std::to_string(next++) + std::string(suffix);
  return file;
}

PartFile PartFile::beside(const PartFile& other, std::string_view suffix) {
  PartFile file;
  file.m_target = other.m_target;
  file.m_path = other.m_path + std::string(suffix);
  return file;
}

PartFile PartFile::inside(const std::string& path, const std::string& target) {
  PartFile file;
  file.m_target = target;
  file.m_path = path;
  return file;
}

Result<void> PartFile::open() { return openWith(O_EXCL); }
Result<void> PartFile::openOrCreate() { return openWith(O_NOFOLLOW); }

Result<void> PartFile::openWith(int flags) {
  m_descriptor = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | flags, 0666);
  if (m_descriptor >= 0) return {};
  const int code = errno;
  m_path.clear();
  return writeFailed(m_target, "cannot create a file in '" + folderOf(m_target) + "'", code);
}

Result<void> PartFile::reopen() {
  if (m_descriptor < 0) m_descriptor = ::open(m_path.c_str(), O_RDWR | O_CLOEXEC);
  if (m_descriptor < 0) return writeFailed(m_target, "cannot reopen its temporary file", errno);
  return {};
}

int PartFile::duplicate() const { return ::fcntl(m_descriptor, F_DUPFD_CLOEXEC, 0); }

Result<PartFile> PartFile::create(const std::string& target, std::string_view suffix) {
  PartFile file = named(target, suffix);
  CUBELOOM_TRY(file.open());
  return file;
}

Result<void> PartFile::reserve(std::int64_t bytes) {
  if (bytes > 0 && ::fallocate(m_descriptor, 0, 0, bytes) != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
    return writeFailed(m_target, "cannot reserve " + formatCount(bytes) + " bytes (" + formatSize(static_cast<double>(bytes)) + ")", errno);
  return resize(bytes);
}

Result<void> PartFile::reserveBlocks(std::int64_t bytes) {
  if (bytes > 0 && ::fallocate(m_descriptor, FALLOC_FL_KEEP_SIZE, 0, bytes) != 0 && errno != EOPNOTSUPP && errno != ENOSYS)
    return writeFailed(m_target, "cannot reserve " + formatCount(bytes) + " bytes (" + formatSize(static_cast<double>(bytes)) + ")", errno);
  return {};
}

Result<void> PartFile::resize(std::int64_t bytes) {
  if (::ftruncate(m_descriptor, bytes) != 0) return writeFailed(m_target, "cannot make it " + formatCount(bytes) + " bytes long", errno);
  return {};
}

Result<void> PartFile::write(std::int64_t offset, const std::byte* data, std::size_t bytes) const {
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t n = ::pwrite(m_descriptor, data + done, bytes - done, offset + static_cast<std::int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      return writeFailed(m_target,
                         "writing at byte " + formatCount(offset + static_cast<std::int64_t>(done)) + " stopped " +
                             formatCount(static_cast<std::int64_t>(bytes - done)) + " bytes short",
                         n < 0 ? errno : ENOSPC);
    }
    done += static_cast<std::size_t>(n);
  }
  if (m_sums != nullptr) m_sums->add(offset, data, bytes);
  return {};
}

Result<void> PartFile::read(std::int64_t offset, std::byte* data, std::size_t bytes) const {
  std::size_t done = 0;
  while (done < bytes) {
    const ssize_t n = ::pread(m_descriptor, data + done, bytes - done, offset + static_cast<std::int64_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) {
      return writeFailed(m_target, "reading its temporary file back at byte " + formatCount(offset + static_cast<std::int64_t>(done)),
                         n < 0 ? errno : EIO);
    }
    done += static_cast<std::size_t>(n);
  }
  return {};
}

void PartFile::release(std::int64_t offset, std::int64_t bytes) const {
  if (m_sums != nullptr) m_sums->forget(offset, bytes);
  // Only a saving: a file system without holes keeps the blocks until the file is removed.
  (void)::fallocate(m_descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, bytes);
}

Result<void> PartFile::finish(const CancelToken& cancel) {
  CUBELOOM_TRY(reopen());
  const int sent = flushInPieces(m_descriptor, [&cancel] { return cancel.isCanceled(); });
  CUBELOOM_TRY(checkNotCanceled(cancel, m_target));
  if (sent != 0) return writeFailed(m_target, "flushing to the disk", sent);
  if (::fsync(m_descriptor) != 0) return writeFailed(m_target, "flushing to the disk", errno);
  const int closed = ::close(m_descriptor);
  m_descriptor = -1;
  if (closed != 0) return writeFailed(m_target, "closing", errno);
  return {};
}

Result<void> PartFile::moveTo(const std::string& target, bool overwrite) {
  int moved = overwrite ? ::rename(m_path.c_str(), target.c_str())
                        : ::renameat2(AT_FDCWD, m_path.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE);
  if (moved != 0 && !overwrite && (errno == EINVAL || errno == ENOSYS)) {
    // The file system knows no rename that spares the target: look first, as good as it gets there.
    struct stat found {};
    if (::lstat(target.c_str(), &found) == 0) {
      errno = EEXIST;
    } else {
      moved = ::rename(m_path.c_str(), target.c_str());
    }
  }
  CUBELOOM_TRY(checkMoved(moved == 0 ? 0 : errno, target));
  m_path.clear();
  return {};
}

std::int64_t PartFile::sizeBytes() const {
  struct stat facts {};
  return ::stat(m_path.c_str(), &facts) == 0 ? facts.st_size : 0;
}

void PartFile::leave() {
  if (m_descriptor >= 0) ::close(m_descriptor);
  m_descriptor = -1;
  m_path.clear();
}

void PartFile::remove() {
  if (m_descriptor >= 0) ::close(m_descriptor);
  m_descriptor = -1;
  if (!m_path.empty()) ::unlink(m_path.c_str());
  m_path.clear();
}

}  // namespace cubeloom
