// SPDX-License-Identifier: GPL-3.0-or-later
// Errors of the io layer: a failure that names its file.
#pragma once

#include <string>
#include <utility>

#include "engine/base/result.h"

namespace cubeloom {

inline Failure failAt(ErrorCode code, const std::string& path, std::string message, std::string hint = {}) {
  Error e;
  e.code = code;
  e.message = std::move(message);
  e.hint = std::move(hint);
  e.path = path;
  return Failure(std::move(e));
}

}  // namespace cubeloom
