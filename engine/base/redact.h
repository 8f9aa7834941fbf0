// SPDX-License-Identifier: GPL-3.0-or-later
// The one place where secrets are taken out of what is shown, logged or reported.
#pragma once

#include <string>

namespace cubeloom {

/// Replaces the values of `token=`, `sig=`, `password=` and the like, and passwords in `user:password@`, by "***".
std::string redactSecrets(const std::string& text);

}  // namespace cubeloom
