// SPDX-License-Identifier: GPL-3.0-or-later
// What can be seen of a JSON text before a parser builds anything of it. The text may be no JSON at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cubeloom {

/// Calls visit(position) for every character of `json` outside of quoted texts, the opening quotes included.
template <class Visit>
void scanJson(std::string_view json, Visit visit) {
  bool inText = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (inText) {
      if (c == '\\') ++i;
      if (c == '"') inText = false;
      continue;
    }
    inText = c == '"';
    visit(i);
  }
}

/// How large a text would grow in memory.
struct JsonExtent {
  int depth = 0;            ///< how deep lists and objects nest
  std::int64_t values = 0;  ///< about: lists, objects and commas
};
JsonExtent jsonExtent(std::string_view json);

}  // namespace cubeloom
