// SPDX-License-Identifier: GPL-3.0-or-later
// The documents of resources/knowledge as texts of the program.
#pragma once

#include <span>
#include <string_view>

namespace cubeloom {

struct EmbeddedDocument {
  std::string_view name;  ///< "indices"
  std::string_view text;
};

std::span<const EmbeddedDocument> embeddedDocuments();

}  // namespace cubeloom
