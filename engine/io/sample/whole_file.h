// SPDX-License-Identifier: GPL-3.0-or-later
// Small files that appear whole or not at all.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// Replaces what stands at `path`.
Result<void> writeWholeFile(const std::string& path, std::span<const std::byte> bytes);
/// Whether `path` is a file of exactly this text.
bool holdsText(const std::string& path, const std::string& text);

}  // namespace cubeloom
