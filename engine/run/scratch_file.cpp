// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/run/scratch_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace cubeloom {
namespace {

Failure failure(ErrorCode code, const std::string& folder, const char* what, int number) {
  const bool isFull = number == ENOSPC || number == EDQUOT;
  return fail(Error{code,
                    std::string(what) + " the scratch space in " + folder + " failed: " + std::generic_category().message(number),
                    isFull ? "free space there, or set a larger memory budget" : "",
                    {},
                    {},
                    folder,
                    {}});
}

/// File systems without unnamed files: the name is gone at once.
int openUnlinked(const std::string& folder) {
  std::string name = folder + "/.cubeloom-scratch-XXXXXX";
  const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor >= 0) ::unlink(name.c_str());
  return descriptor;
}

}  // namespace

Result<ScratchFile> ScratchFile::create(const std::string& folder) {
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) descriptor = openUnlinked(folder);
  if (descriptor < 0) return failure(ErrorCode::WriteFailed, folder, "making", errno);
  return ScratchFile(descriptor, folder);
}

ScratchFile::ScratchFile(ScratchFile&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1)), m_folder(std::move(other.m_folder)) {}

ScratchFile::~ScratchFile() {
  if (m_descriptor >= 0) ::close(m_descriptor);
}

Result<void> ScratchFile::write(std::int64_t offset, const std::byte* data, std::int64_t bytes) const {
  for (std::int64_t done = 0; done < bytes;) {
    const ssize_t put = ::pwrite(m_descriptor, data + done, static_cast<std::size_t>(bytes - done), offset + done);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return failure(ErrorCode::WriteFailed, m_folder, "writing to", put < 0 ? errno : ENOSPC);
    done += put;
  }
  return {};
}

Result<void> ScratchFile::read(std::int64_t offset, std::byte* data, std::int64_t bytes) const {
  for (std::int64_t done = 0; done < bytes;) {
    const ssize_t got = ::pread(m_descriptor, data + done, static_cast<std::size_t>(bytes - done), offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return failure(ErrorCode::ReadFailed, m_folder, "reading from", got < 0 ? errno : EIO);
    done += got;
  }
  return {};
}

}  // namespace cubeloom
