// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/json_extent.h"

#include <algorithm>

namespace cubeloom {

JsonExtent jsonExtent(std::string_view text) {
  JsonExtent extent;
  int depth = 0;
  bool inText = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inText) {
      if (c == '\\') ++i;
      if (c == '"') inText = false;
    } else if (c == '"') {
      inText = true;
    } else if (c == '{' || c == '[') {
      extent.depth = std::max(extent.depth, ++depth);
      ++extent.values;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == ',') {
      ++extent.values;
    }
  }
  return extent;
}

}  // namespace cubeloom
