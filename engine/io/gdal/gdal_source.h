// SPDX-License-Identifier: GPL-3.0-or-later
// A raster behind GDAL as a Source: read block by block of the file, through a handle of each thread's own.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/access/source.h"
#include "engine/io/gdal/gdal_handles.h"
#include "engine/io/gdal/gdal_mask.h"

namespace cubeloom {

/// How the file stores a raster.
struct GdalStorage {
  std::int64_t blockRows = 1, blockCols = 1;
  bool bandsTogether = false;  ///< one block holds all bands
  double blockBytes = 0;       ///< in the file, on average
};

/// Dims (band or wavelength, y, x). Thread-safe. Contiguous regions are decoded straight into their place; others through one scratch of at
/// most 4 MiB, or a row of a block if that is more.
class GdalSource final : public Source {
 public:
  GdalSource(std::shared_ptr<GdalHandles> handles, ArraySpec spec, GdalStorage storage, GdalMask mask, std::vector<std::string> files);

  const ArraySpec& spec() const override { return m_spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override;
  /// Whole blocks at their average size in the file: what a block really takes is not known before it is read.
  ReadCost cost(const Region& region) const override;
  std::vector<std::int64_t> decodedBlock() const override;
  double sharedCacheBytes() const override;
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override;
  std::vector<std::string> files() const override { return m_files; }

 private:
  std::shared_ptr<GdalHandles> m_handles;
  ArraySpec m_spec;
  GdalStorage m_storage;
  GdalMask m_mask;
  std::vector<std::string> m_files;
};

}  // namespace cubeloom
