// SPDX-License-Identifier: GPL-3.0-or-later
// Many files as one cube (time, band, y, x) on one grid: a region opens those alone that lie under it.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/access/source.h"
#include "engine/geo/warp/warp.h"
#include "engine/op/family/overlap_values.h"

namespace cubeloom {

/// A pixel grid that files of the cube have.
struct LoadedGrid {
  GeoBox box;
  Window window;       ///< of the cube's grid, which it may lie under; never empty
  double density = 1;  ///< its pixels per pixel of the cube, about
};

/// One band of one file.
struct LoadedBand {
  std::string path, item, asset;
  std::int64_t band = 0;  ///< of the file
  std::size_t grid = 0;   ///< of LoadedCube::grids
  PixelType type = PixelType::Float32;
  std::optional<double> nodata;      ///< where the file does not say one
  std::optional<StoredScale> scale;  ///< likewise
  Resampling method = Resampling::Nearest;
  std::shared_ptr<Source> sample = {};  ///< a file that is stored alike, by which costs are estimated; null: none is known
};

/// What a cube is made of.
struct LoadedCube {
  ArraySpec spec;  ///< (time, band, y, x), or (band, y, x)
  std::vector<LoadedGrid> grids;
  std::vector<std::vector<LoadedBand>> cells;  ///< of each time and each band of it, in the order in which they count
  Overlap overlap = Overlap::First;
  bool plainKernel = false;
  bool isDecoded = false;          ///< values are the true ones, by each file's scale
  std::optional<double> nodata;    ///< of files that neither say one themselves nor are said to have one
  double readScratchBytes = 0;     ///< what reading one of the files takes beside what is read, at most
  double sharedCacheBytes = 0;     ///< as Source::sharedCacheBytes()
  std::vector<std::string> files;  ///< whose change makes the cube another one
};

/// Files are opened when a region needs them, and some stay open; each is resampled once, straight onto the cube's grid, in tiles, so that
/// what a read takes does not grow with the region. `sources` outlives it. read(): ReadFailed names item and path of a file that is not
/// what its item says. Thread-safe.
class LoadedSource final : public Source {
 public:
  LoadedSource(LoadedCube cube, SourceProvider& sources);

  const ArraySpec& spec() const override { return m_cube.spec; }
  Result<void> read(const Region& region, const BlockView& to, ReadContext& context) override;
  ReadCost cost(const Region& region) const override;
  double sharedCacheBytes() const override { return m_cube.sharedCacheBytes; }
  std::vector<std::pair<std::int64_t, std::int64_t>> touchedLines(const Region& region) const override;
  std::vector<std::string> files() const override { return m_cube.files; }

 private:
  class Tile;
  struct Spread {
    std::int64_t rows = 0, cols = 0;
  };
  bool hasTime() const { return m_cube.spec.dims.size() == 4; }
  /// Rows and columns of a tile of a cell of so many files.
  Spread tileOf(std::size_t files) const;
  const std::vector<LoadedBand>& cellAt(const Region& region, std::int64_t time, std::int64_t band) const;
  Result<void> readPlane(const std::vector<LoadedBand>& cell, const IndexSet& rows, const IndexSet& cols, const BlockView& to,
                         ReadContext& context);
  bool touches(const LoadedBand& band, const IndexSet& rows, const IndexSet& cols) const;
  /// What one output pixel may need of a file, and any part of a tile, in bytes.
  double mostHeld(const LoadedBand& band) const;
  Result<std::shared_ptr<Source>> opened(const LoadedBand& band);
  Result<std::shared_ptr<const Warp>> warpOf(const LoadedBand& band);

  LoadedCube m_cube;
  SourceProvider& m_sources;
  std::mutex m_mutex;
  std::list<std::pair<std::string, std::shared_ptr<Source>>> m_open;  ///< the last used first
  std::list<std::pair<std::pair<std::size_t, Resampling>, std::shared_ptr<const Warp>>> m_warps;
};

}  // namespace cubeloom
