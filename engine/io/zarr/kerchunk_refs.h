// SPDX-License-Identifier: GPL-3.0-or-later
// A kerchunk reference file taken apart: which bytes of which file each key stands for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// References by key, kept lean: one text for all keys, one for all inlined values, targets once each. Hundreds of thousands are usual.
class KerchunkRefs {
 public:
  static constexpr std::uint32_t kInlined = 0xFFFFFFFFU;
  static constexpr std::int64_t kWholeFile = -1;

  struct Entry {
    std::uint64_t keyAt = 0;
    std::uint32_t keyBytes = 0;
    std::uint32_t target = kInlined;     ///< into targets()
    std::int64_t offset = 0, bytes = 0;  ///< of the target, or of the inlined values; bytes kWholeFile: all of it
  };

  /// Versions 0 and 1; templates by plain {{name}} substitution. OpenFailed: no JSON, not references, generated ones ("gen"), templates
  /// that would have to be evaluated, absurd sizes.
  static Result<KerchunkRefs> parse(const std::string& text, const std::string& path);

  /// Sorted by key.
  const std::vector<Entry>& entries() const { return m_entries; }
  /// As the file has them, templates filled in.
  const std::vector<std::string>& targets() const { return m_targets; }
  std::string_view key(const Entry& entry) const { return std::string_view(m_keys).substr(entry.keyAt, entry.keyBytes); }
  std::string_view inlined(const Entry& entry) const {
    return std::string_view(m_values).substr(static_cast<std::size_t>(entry.offset), static_cast<std::size_t>(entry.bytes));
  }
  const Entry* find(std::string_view key) const;
  /// Positions [first, second) in entries() of the keys that begin with `prefix`.
  std::pair<std::size_t, std::size_t> range(std::string_view prefix) const;

 private:
  friend class KerchunkReader;
  std::vector<Entry> m_entries;
  std::vector<std::string> m_targets;
  std::string m_keys, m_values;
};

}  // namespace cubeloom
