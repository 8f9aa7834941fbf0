// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/json_text.h"

#include <array>
#include <string_view>
#include <utility>

#include "engine/io/io_error.h"

namespace cubeloom {
namespace {

constexpr int kMaxDepth = 32;

}  // namespace

Result<nlohmann::json> parseJsonText(std::string text, const std::string& path) {
  static constexpr std::array<std::string_view, 3> kNoNumbers{"-Infinity", "Infinity", "NaN"};
  int depth = 0;
  bool quoted = false;
  std::string clean;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth)
        return failAt(ErrorCode::OpenFailed, path, path + " nests deeper than " + std::to_string(kMaxDepth) + " levels");
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == '-' || c == 'I' || c == 'N') {
      for (const std::string_view word : kNoNumbers) {
        if (text.compare(i, word.size(), word) != 0) continue;
        clean.append(text, copied, i - copied).append("\"").append(word).append("\"");
        i += word.size() - 1;
        copied = i + 1;
        break;
      }
    }
  }
  if (copied > 0) {
    clean.append(text, copied);
    text = std::move(clean);
  }
  nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded())
    return failAt(ErrorCode::OpenFailed, path, path + " is not valid JSON",
                  "it may be cut off; look for a missing comma, quote or bracket");
  return json;
}

}  // namespace cubeloom
