// SPDX-License-Identifier: GPL-3.0-or-later
// The text of an ENVI header as keys and values. Hostile input: bounded in size, parsed in one pass without recursion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// Keys are in lower case with single blanks; values come without their braces. Immutable after parse(): thread-safe.
/// Source of the format: NV5 (Harris), "ENVI Header Files", which fixes the first word, `key = value`, `{...}` over several
/// lines and `;` comments.
class EnviHeader {
 public:
  /// No header is larger: 8 MiB hold the spectra of 100,000 bands.
  static constexpr std::size_t kMaxBytes = std::size_t{8} << 20;

  /// Letters that are no UTF-8 are Latin-1's. OpenFailed: not text, no "ENVI" on the first line, a brace that is never closed, too large.
  /// Names the line.
  static Result<EnviHeader> parse(std::string_view text);
  /// The same for a file; the error names it.
  static Result<EnviHeader> read(const std::string& path);

  bool has(std::string_view key) const { return m_values.contains(key); }
  /// The text of `key`, trimmed; nothing when absent.
  std::optional<std::string> text(std::string_view key) const;
  /// The comma-separated items of `key`, each trimmed; empty when absent. A comma at the end adds no item.
  std::vector<std::string> list(std::string_view key) const;
  /// Every item of `key` as a number, or as several between blanks; nothing when absent or when one is not a number.
  std::optional<std::vector<double>> numbers(std::string_view key) const;
  const std::map<std::string, std::string, std::less<>>& values() const { return m_values; }
  /// What was odd but harmless ("line 7 is not `key = value` and was skipped").
  const std::vector<std::string>& notes() const { return m_notes; }

 private:
  std::map<std::string, std::string, std::less<>> m_values;
  std::vector<std::string> m_notes;
};

/// Whether `key`, in lower case, tells what an ArraySpec holds itself: how the pixels lie in the file, their grid, their bands.
bool isEnviLayoutKey(std::string_view key);

}  // namespace cubeloom
