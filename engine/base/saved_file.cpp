// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/saved_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestStem = 200;  // of the 255 bytes a file name may have; the rest is for the temporary suffix

Failure saveFailed(const std::string& path, const std::string& what, int code) {
  Error error;
  error.code = ErrorCode::WriteFailed;
  error.path = path;
  error.message = "'" + path + "' cannot be saved: " + what + ": " + std::generic_category().message(code);
  error.hint = code == ENOSPC || code == EDQUOT ? "free disk space there, or save it elsewhere"
                                                : "check that the folder exists and may be written, or save it elsewhere";
  return fail(std::move(error));
}

/// What a link points to; the path itself where there is none.
fs::path meant(const std::string& path) {
  std::error_code code;
  if (!fs::is_symlink(path, code)) return path;
  fs::path real = fs::weakly_canonical(path, code);
  return code ? fs::path(path) : real;
}

fs::path besides(const fs::path& target) {
  static std::atomic<unsigned> next{0};
  return target.parent_path() / ("." + target.filename().string().substr(0, kLongestStem) + ".saving-" + std::to_string(::getpid()) + "-" +
                                 std::to_string(next++));
}

/// 0, or the system's reason; `done`: bytes written.
int writeAll(int descriptor, std::string_view bytes, std::size_t& done) {
  for (done = 0; done < bytes.size();) {
    const ssize_t n = ::write(descriptor, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : ENOSPC;
    done += static_cast<std::size_t>(n);
  }
  return 0;
}

/// A pipe, a terminal, /dev/null: nothing can take their place.
Result<void> writeInto(const std::string& path, std::string_view bytes) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (descriptor < 0) return saveFailed(path, "it cannot be opened", errno);
  std::size_t done = 0;
  int code = writeAll(descriptor, bytes, done);
  if (::close(descriptor) != 0 && code == 0) code = errno;
  if (code != 0)
    return saveFailed(path, "writing stopped " + formatCount(static_cast<std::int64_t>(bytes.size() - done)) + " bytes short", code);
  return {};
}

}  // namespace

void flushFolderOf(const std::string& path) {
  const fs::path folder = fs::path(path).parent_path();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  (void)::fsync(descriptor);
  ::close(descriptor);
}

Result<void> saveFile(const std::string& path, std::string_view bytes) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) return writeInto(path, bytes);
  const fs::path target = meant(path), temporary = besides(target);
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return saveFailed(path, "no file can be made in its folder", errno);
  struct stat former {};
  if (::stat(target.c_str(), &former) == 0) (void)::fchmod(descriptor, former.st_mode & 07777);
  std::size_t done = 0;
  std::string what;
  int code = writeAll(descriptor, bytes, done);
  if (code != 0) what = "writing stopped " + formatCount(static_cast<std::int64_t>(bytes.size() - done)) + " bytes short";
  if (code == 0 && ::fsync(descriptor) != 0) {
    code = errno;
    what = "sending it to the disk";
  }
  if (::close(descriptor) != 0 && code == 0) {
    code = errno;
    what = "closing it";
  }
  if (code == 0 && ::rename(temporary.c_str(), target.c_str()) != 0) {
    code = errno;
    what = "renaming what is written";
  }
  if (code != 0) {
    ::unlink(temporary.c_str());
    return saveFailed(path, what, code);
  }
  flushFolderOf(target.string());
  return {};
}

}  // namespace cubeloom
