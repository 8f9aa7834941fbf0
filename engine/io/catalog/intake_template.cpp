// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/io/catalog/intake_template.h"

#include <algorithm>
#include <cctype>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

constexpr std::size_t kMaxExpandedBytes = 4096;

bool isName(std::string_view text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

std::string clipped(std::string_view text) { return std::string(text.substr(0, 80)) + (text.size() > 80 ? "..." : ""); }

}  // namespace

Result<std::string> substituted(const std::string& text, const std::map<std::string, std::string>& values) {
  const auto refuse = [](std::string message) { return fail(ErrorCode::OpenFailed, std::move(message)); };
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    if (rest.starts_with("{%") || rest.starts_with("{#")) return refuse("it needs Jinja, which is never evaluated: " + clipped(rest));
    if (!rest.starts_with("{{")) {
      out += text[i++];
      if (out.size() > kMaxExpandedBytes) return refuse("its path becomes longer than " + formatCount(kMaxExpandedBytes) + " characters");
      continue;
    }
    const std::size_t end = rest.find("}}");
    if (end == std::string_view::npos) return refuse("\"{{\" is never closed: " + clipped(rest));
    const std::string_view name = trim(rest.substr(2, end - 2));
    if (!isName(name)) return refuse("it needs an expression, which is never evaluated: " + clipped(rest.substr(0, end + 2)));
    const auto value = values.find(std::string(name));
    if (value == values.end()) {
      Failure unknown = refuse("nothing says what {{ " + clipped(name) + " }} is");
      unknown.value().parameter = std::string(name);
      return unknown;
    }
    out += value->second;
    if (out.size() > kMaxExpandedBytes) return refuse("its path becomes longer than " + formatCount(kMaxExpandedBytes) + " characters");
    i += end + 2;
  }
  return out;
}

}  // namespace cubeloom
