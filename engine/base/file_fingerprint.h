// SPDX-License-Identifier: GPL-3.0-or-later
// What a file was at one moment: whoever reads a file for hours has to notice that it became another one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cubeloom {

/// Everything that changes when a file is written to or replaced. The device is left out: it differs between mounts of one disk.
struct FileFingerprint {
  std::string path;
  std::int64_t sizeBytes = -1;  ///< -1: there is no such file, or it cannot be looked at
  std::int64_t modifiedNs = 0;  ///< mtime
  std::int64_t changedNs = 0;   ///< ctime, which nobody can set back
  std::uint64_t inode = 0;
  bool operator==(const FileFingerprint&) const = default;
};

FileFingerprint fingerprintOf(const std::string& path);
std::vector<FileFingerprint> fingerprintsOf(const std::vector<std::string>& paths);
/// "/data/cube has 90 bytes, had 100", "/data/cube was replaced by another file"; empty when nothing differs.
std::string fingerprintDifference(const FileFingerprint& then, const FileFingerprint& now);

}  // namespace cubeloom
