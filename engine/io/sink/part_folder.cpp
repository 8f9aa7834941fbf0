// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/sink/part_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/base/file_fingerprint.h"
#include "engine/base/guard.h"
#include "engine/io/file/io_error.h"
#include "engine/io/sink/flush.h"
#include "engine/io/sink/part_file.h"

namespace cubeloom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRunDigits = 8;
constexpr int kMostAttempts = 100;
constexpr int kLockAttempts = 50;
constexpr std::chrono::milliseconds kLockPause{20};

std::string prefixOf(const std::string& target) { return nameOf(target).substr(0, kLongestStem) + ".part-"; }

std::string freshRun() {
  static thread_local std::mt19937_64 random{std::random_device{}()};
  constexpr const char* kDigits = "0123456789abcdef";
  std::string run;
  for (std::size_t i = 0; i < kRunDigits; ++i) run += kDigits[random() % 16];
  return run;
}

bool isPartName(const std::string& name, const std::string& prefix) {
  return name.size() == prefix.size() + kRunDigits && name.starts_with(prefix) &&
         name.find_first_not_of("0123456789abcdef", prefix.size()) == std::string::npos;
}

struct Locked {
  int descriptor = -1;
  int code = 0;  ///< why there is none: EWOULDBLOCK when another process holds it
};

/// Opens and locks a folder's journal. With O_CREAT it is ours in any case: where the file system has no locks, without one.
Locked lockJournal(const std::string& folder, int flags, int operation = LOCK_EX) {
  const std::string path = folder + "/journal";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0666);
  if (descriptor < 0) return {-1, errno};
  const bool isLocked = ::flock(descriptor, operation | LOCK_NB) == 0;
  int code = isLocked ? 0 : errno;
  if (isLocked || (code != EWOULDBLOCK && flags != 0)) {
    // Not removed meanwhile by its former owner.
    struct stat here {
    }, there{};
    if (::fstat(descriptor, &here) == 0 && ::stat(path.c_str(), &there) == 0 && here.st_ino == there.st_ino) return {descriptor, 0};
    code = ENOENT;
  }
  ::close(descriptor);
  return {-1, code};
}

/// Of a journal that cannot be taken: whoever holds it shares it.
bool isOnlyLookedInto(const std::string& folder) {
  const Locked shared = lockJournal(folder, 0, LOCK_SH);
  if (shared.descriptor >= 0) ::close(shared.descriptor);
  return shared.code != EWOULDBLOCK;
}

}  // namespace

PartsLock::PartsLock(const std::string& target) : m_descriptor(::open(folderOf(target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  for (int attempt = 1; m_descriptor >= 0 && ::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0; ++attempt) {
    if (errno != EWOULDBLOCK || attempt == kLockAttempts) return;
    std::this_thread::sleep_for(kLockPause);
  }
}

PartsLock::~PartsLock() {
  if (m_descriptor >= 0) ::close(m_descriptor);
}

PartFolder::PartFolder(PartFolder&& other) noexcept { *this = std::move(other); }

PartFolder& PartFolder::operator=(PartFolder&& other) noexcept {
  std::swap(m_path, other.m_path);
  std::swap(m_descriptor, other.m_descriptor);
  std::swap(m_isOurs, other.m_isOurs);
  return *this;
}

PartFolder::~PartFolder() {
  if (m_isOurs) {
    remove();
  } else {
    leave();
  }
}

Result<PartFolder> PartFolder::create(const std::string& target) {
  int code = EEXIST;
  for (int attempt = 0; attempt < kMostAttempts; ++attempt) {
    const std::string path = folderOf(target) + "/" + prefixOf(target) + freshRun();
    if (::mkdir(path.c_str(), 0777) != 0) {
      code = errno;
      if (code != EEXIST) break;
      continue;
    }
    const Locked locked = lockJournal(path, O_CREAT);
    if (locked.descriptor >= 0) {
      PartFolder folder(path, locked.descriptor);
      folder.m_isOurs = true;
      return folder;
    }
    code = locked.code;
    ::unlink((path + "/journal").c_str());
    ::rmdir(path.c_str());
    // Someone who looks for abandoned folders was faster: another name.
    if (code != EWOULDBLOCK && code != ENOENT) break;
  }
  return failAt(
      ErrorCode::WriteFailed, target,
      "'" + target + "': cannot create a folder for its parts in '" + folderOf(target) + "': " + std::generic_category().message(code),
      "check the disk and the folder's permissions");
}

PartFolder::Found PartFolder::find(const std::string& target, Purpose purpose) {
  const std::string prefix = prefixOf(target);
  Found result;
  std::vector<std::pair<std::int64_t, PartFolder>> found;
  DIR* listing = ::opendir(folderOf(target).c_str());
  if (listing == nullptr) return result;
  while (const dirent* entry = ::readdir(listing)) {
    if (!isPartName(entry->d_name, prefix)) continue;
    const std::string path = folderOf(target) + "/" + entry->d_name;
    struct stat facts {};
    if (::lstat(path.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode)) continue;
    const Locked locked = lockJournal(path, 0, purpose == Purpose::Take ? LOCK_EX : LOCK_SH);
    if (locked.descriptor >= 0) found.emplace_back(fingerprintOf(path + "/journal").modifiedNs, PartFolder(path, locked.descriptor));
    // Without a journal: what is left of a run that ended while it made or removed it; this fails for folders that hold anything.
    if (locked.code == ENOENT) ::rmdir(path.c_str());
    if (locked.code == EWOULDBLOCK) (isOnlyLookedInto(path) ? result.lookedInto : result.written).push_back(path);
  }
  ::closedir(listing);
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second.path() < b.second.path(); });
  result.abandoned.reserve(found.size());
  for (auto& item : found) result.abandoned.push_back(std::move(item.second));
  return result;
}

double PartFolder::bytes() const {
  double total = 0;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(m_path, code)) {
    struct stat facts {};
    if (::lstat(entry.path().c_str(), &facts) == 0) total += 512.0 * static_cast<double>(facts.st_blocks);
  }
  return total;
}

void PartFolder::sync(const std::function<bool()>& givesUp) const {
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(m_path, code)) {
    if (entry.path().filename() == "journal" || !entry.is_regular_file(code))
      continue;  // last: a record should not be there before its bytes
    const int descriptor = ::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) continue;
    const bool isSent = flushInPieces(descriptor, givesUp) != ECANCELED;
    if (isSent) (void)::fdatasync(descriptor);
    ::close(descriptor);
    if (!isSent) return;
  }
  if (m_descriptor >= 0) (void)::fdatasync(m_descriptor);
}

void PartFolder::empty() const {
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(m_path, code))
    if (std::error_code ignored; entry.path().filename() != "journal") fs::remove_all(entry.path(), ignored);
}

void PartFolder::leave() {
  if (m_descriptor >= 0) ::close(m_descriptor);
  m_descriptor = -1;
  m_isOurs = false;
  m_path.clear();
}

void PartFolder::remove() {
  if (!m_path.empty()) {
    // What cannot be removed for want of memory is an abandoned folder, which the next run removes.
    (void)guarded([this] {
      empty();
      // The journal last: as long as it is there and locked, nobody takes the folder for an abandoned one.
      ::unlink(file("journal").c_str());
      ::rmdir(m_path.c_str());
    });
  }
  leave();
}

}  // namespace cubeloom
