// SPDX-License-Identifier: GPL-3.0-or-later
// A raw cube as a Source: one dense row-major array in a file, read by extents planned from the region.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/access/source.h"
#include "engine/io/file/raw_file.h"

namespace cubeloom {

/// Thread-safe; every thread may read at once through the one descriptor. A read takes one scratch buffer of at most 256 KiB, a size that
/// stays in a core's cache between reading and gathering; for long extents another of 2 MiB, for reading past the system's cache.
class RawSource final : public Source {
 public:
  /// The array of `spec` starts at `offsetBytes`; `otherFiles` are those it depends on besides (the header).
  RawSource(std::shared_ptr<RawFile> file, ArraySpec spec, std::int64_t offsetBytes, bool swapped, std::vector<std::string> otherFiles);

  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override;
  /// Exact: what read() will take from the file.
  ReadCost cost(const Region& region) const override;
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override;
  std::vector<std::string> files() const override;

 private:
  std::shared_ptr<RawFile> m_file;
  ArraySpec m_spec;
  std::vector<std::int64_t> m_shape;
  std::int64_t m_offsetBytes;
  std::int64_t m_elementBytes;
  std::size_t m_unitBytes;  ///< what a byte swap reverses
  bool m_swapped;
  std::vector<std::string> m_otherFiles;
};

}  // namespace cubeloom
