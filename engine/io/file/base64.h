// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes written as text (RFC 4648).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cubeloom {

/// Nothing when `text` is not base64. Padding may be missing; line breaks are not taken.
std::optional<std::string> decodeBase64(std::string_view text);

}  // namespace cubeloom
