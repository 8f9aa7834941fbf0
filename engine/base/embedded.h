// SPDX-License-Identifier: GPL-3.0-or-later
// Documents of resources/ that are texts of the program (resources/embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace cubeloom {

struct EmbeddedDocument {
  std::string_view name;  ///< "indices"
  std::string_view text;
};

}  // namespace cubeloom
