// SPDX-License-Identifier: GPL-3.0-or-later
// Errors of the io layer: a failure that names its file, but never a secret of its URL.
#pragma once

#include <string>
#include <utility>

#include "engine/base/redact.h"
#include "engine/base/result.h"

namespace cubeloom {

inline Failure failAt(ErrorCode code, const std::string& path, std::string message, std::string hint = {}) {
  // Only where a URL is: "key=5" in the name of a local folder is no secret.
  const bool isUrl = path.find("://") != std::string::npos || path.starts_with("/vsi");
  Error e;
  e.code = code;
  e.message = isUrl ? redactSecrets(message) : std::move(message);
  e.hint = isUrl ? redactSecrets(hint) : std::move(hint);
  e.path = isUrl ? redactSecrets(path) : path;
  return Failure(std::move(e));
}

}  // namespace cubeloom
