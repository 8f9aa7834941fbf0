// SPDX-License-Identifier: GPL-3.0-or-later
// The one thing of Jinja that intake catalogs get here: {{ name }} replaced by a value. Everything else is left alone and said.
#pragma once

#include <map>
#include <string>

#include "engine/base/result.h"

namespace cubeloom {

/// `text` with every {{ name }} replaced from `values`. OpenFailed with one sentence: an expression, a call such as env() or shell(), a
/// block, a name that has no value (it is the error's
/// `parameter`), a result longer than 4,096 characters. Values are inserted as they are, never read again.
Result<std::string> substituted(const std::string& text, const std::map<std::string, std::string>& values);

}  // namespace cubeloom
