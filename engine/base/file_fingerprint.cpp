// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/file_fingerprint.h"

#include <sys/stat.h>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

std::int64_t nanoseconds(const timespec& time) { return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec; }

}  // namespace

FileFingerprint fingerprintOf(const std::string& path) {
  FileFingerprint print;
  print.path = path;
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return print;
  print.sizeBytes = facts.st_size;
  print.modifiedNs = nanoseconds(facts.st_mtim);
  print.changedNs = nanoseconds(facts.st_ctim);
  print.inode = facts.st_ino;
  return print;
}

std::vector<FileFingerprint> fingerprintsOf(const std::vector<std::string>& paths) {
  std::vector<FileFingerprint> all;
  all.reserve(paths.size());
  for (const std::string& path : paths) all.push_back(fingerprintOf(path));
  return all;
}

std::string fingerprintDifference(const FileFingerprint& then, const FileFingerprint& now) {
  if (then == now) return {};
  if (then.path != now.path) return now.path + " is read instead of " + then.path;
  if (now.sizeBytes < 0) return now.path + " is not there any more";
  if (then.sizeBytes < 0) return now.path + " was not there before";
  if (then.sizeBytes != now.sizeBytes)
    return now.path + " has " + formatCount(now.sizeBytes) + " bytes, had " + formatCount(then.sizeBytes);
  if (then.inode != now.inode) return now.path + " was replaced by another file";
  if (then.modifiedNs != now.modifiedNs) return now.path + " was written to";
  return now.path + " was touched (its change time differs)";
}

}  // namespace cubeloom
