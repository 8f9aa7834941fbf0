// SPDX-License-Identifier: GPL-3.0-or-later
// Which files the user has said may read other files. Nothing that comes with a chain or a catalog can say it.
#pragma once

#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// Thread-safe.
class Trust {
 public:
  virtual ~Trust() = default;
  /// Whether the user trusts the file as it is now; one that was written to or replaced since is another file.
  virtual bool isTrusted(const std::string& path) const = 0;
  /// The user's answer, kept for later. OpenFailed: there is no such file; WriteFailed: the answer cannot be kept.
  virtual Result<void> trust(const std::string& path) = 0;
  /// The same for this process only. OpenFailed: there is no such file.
  virtual Result<void> trustForNow(const std::string& path) = 0;
  /// Takes the answer back; of a file that is not trusted nothing happens. WriteFailed as above.
  virtual Result<void> distrust(const std::string& path) = 0;
};

}  // namespace cubeloom
