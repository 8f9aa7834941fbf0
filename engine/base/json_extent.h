// SPDX-License-Identifier: GPL-3.0-or-later
// How large a JSON text would grow in memory, seen before a parser builds anything of it.
#pragma once

#include <cstdint>
#include <string_view>

namespace cubeloom {

/// Of a text that may be no JSON at all.
struct JsonExtent {
  int depth = 0;            ///< how deep lists and objects nest
  std::int64_t values = 0;  ///< about: lists, objects and commas
};
JsonExtent jsonExtent(std::string_view text);

}  // namespace cubeloom
