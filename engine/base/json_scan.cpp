// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/json_scan.h"

#include <algorithm>

namespace cubeloom {

JsonExtent jsonExtent(std::string_view json) {
  JsonExtent extent;
  int depth = 0;
  scanJson(json, [&](std::size_t at) {
    switch (json[at]) {
      case '{':
      case '[':
        extent.depth = std::max(extent.depth, ++depth);
        ++extent.values;
        break;
      case '}':
      case ']': --depth; break;
      case ',': ++extent.values; break;
      default: break;
    }
  });
  return extent;
}

}  // namespace cubeloom
