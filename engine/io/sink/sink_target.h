// SPDX-License-Identifier: GPL-3.0-or-later
// Where an output goes: whether the path may be written at all.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace cubeloom {

/// InvalidParameter on `path`: a folder, an existing file without `overwrite`, a missing or read-only folder, a remote or virtual name.
Result<void> checkTarget(const std::string& path, bool overwrite);

/// The same for an output that is a folder. With `overwrite` one may stand there that holds nothing but Zarr metadata and chunks: what else
/// a folder holds is never removed.
Result<void> checkZarrTarget(const std::string& path, bool overwrite);

/// The files that describe what stood at `path` before: statistics, external overviews and masks of the former pixels.
std::vector<std::string> staleSidecars(const std::string& path);
void removeStaleSidecars(const std::string& path);

/// Counts what has arrived, so that a run that forgot a chunk cannot be published. Thread-safe.
class ArrivalCount {
 public:
  explicit ArrivalCount(std::int64_t expected) : m_expected(expected) {}
  void add(std::int64_t elements) { m_arrived += elements; }
  Result<void> checkComplete(const std::string& path) const;

 private:
  std::int64_t m_expected;
  std::atomic<std::int64_t> m_arrived{0};
};

}  // namespace cubeloom
