// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/base/redact.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/base/text.h"

namespace cubeloom {
namespace {

bool isWordCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

/// Whether the name before the sign at `sign` ends with a word for something secret ("token", "x-amz-signature").
bool namesSecret(std::string_view lower, std::size_t sign) {
  std::size_t begin = sign;
  while (begin > 0 && isWordCharacter(lower[begin - 1])) --begin;
  const std::string_view name = lower.substr(begin, sign - begin);
  static constexpr std::array<std::string_view, 10> kSecrets{"token",  "sig",      "signature", "key",        "apikey",
                                                             "secret", "password", "passwd",    "credential", "authorization"};
  return std::any_of(kSecrets.begin(), kSecrets.end(), [name](std::string_view secret) { return name.ends_with(secret); });
}

}  // namespace

std::string redactSecrets(const std::string& text) {
  const std::string lower = toLower(text);
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    std::size_t begin = i + 1, end = begin;
    if ((c == '=' || c == ':') && namesSecret(lower, i)) {
      while (begin < text.size() && text[begin] == ' ') ++begin;
      if (lower.compare(begin, 7, "bearer ") == 0) begin += 7;
      end = std::min(text.find_first_of("&;,'\" \t\n\r)>", begin), text.size());
    } else if (c == '/' && text.compare(i, 2, "//") == 0) {
      const std::size_t host = std::min(text.find_first_of("/?#'\" \n", i + 2), text.size());
      const std::size_t at = text.rfind('@', host);
      const std::size_t colon = text.find(':', i + 2);
      if (at != std::string::npos && at > i && at < host && colon < at) {
        begin = colon + 1;
        end = at;
      }
    }
    out.append(text, i, begin - i);
    if (end > begin) out += "***";
    i = std::max(begin, end);
  }
  return out;
}

}  // namespace cubeloom
