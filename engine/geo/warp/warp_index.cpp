// SPDX-License-Identifier: GPL-3.0-or-later
// The warp of a lookup: nearest without any geometry.
#include <algorithm>

#include "engine/geo/warp/index_map.h"
#include "engine/geo/warp/warp_pieces.h"
#include "engine/geo/warp/warp_taps.h"

namespace cubeloom {
namespace {

class IndexWarp final : public Warp {
 public:
  explicit IndexWarp(std::shared_ptr<const IndexMap> map) : m_map(std::move(map)) {}

  double scaleX() const override { return 1; }
  double scaleY() const override { return 1; }
  std::optional<SeparableNearest> separable(const PixelList& /*rows*/, const PixelList& /*cols*/) const override { return std::nullopt; }

  std::vector<NearestRun> nearestRuns(const PixelList& rows, const PixelList& cols) const override {
    std::vector<NearestRun> runs;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      bool follows = false;
      for (std::size_t j = 0; j < cols.size(); ++j) {
        const IndexMap::Entry entry = m_map->at(rows[i], cols[j]);
        if (entry.isSet() && !(follows && runs.back().sourceRow == entry.row))
          runs.push_back({static_cast<std::int64_t>(i), static_cast<std::int64_t>(j), entry.row, {}});
        if (entry.isSet()) runs.back().sourceCols.push_back(entry.col);
        follows = entry.isSet();
      }
    }
    return runs;
  }

  Result<std::unique_ptr<WarpPiece>> piece(const PixelList& rows, const PixelList& cols) const override {
    TapGrid<PixelTap> taps{rows.size(), cols.size(), false, {}, {}};
    for (const std::int64_t row : rows)
      for (const std::int64_t col : cols) {
        const IndexMap::Entry entry = m_map->at(row, col);
        taps.x.push_back({entry.isSet() ? static_cast<std::int32_t>(entry.col) : kNoTap});
        taps.y.push_back({entry.isSet() ? static_cast<std::int32_t>(entry.row) : kNoTap});
      }
    WarpNeed need = numberTaps(taps, m_map->rawRows(), m_map->rawCols());
    return makeGatherPiece(std::move(taps), std::move(need));
  }

  Result<WarpNeed> needBound(const PixelList& rows, const PixelList& cols) const override {
    auto made = piece(rows, cols);
    if (!made) return fail(std::move(made.error()));
    return (*made)->need();
  }

  std::size_t pieceBytesBound(std::size_t rows, std::size_t cols) const override {
    // Two taps a pixel in vectors that grow by doubling; marks and lists of the raw array's lines and samples.
    return 4 * sizeof(PixelTap) * rows * cols + static_cast<std::size_t>(28 * (m_map->rawRows() + m_map->rawCols())) + 65536;
  }

 private:
  std::shared_ptr<const IndexMap> m_map;
};

}  // namespace

std::shared_ptr<const Warp> makeIndexWarp(std::shared_ptr<const IndexMap> map) { return std::make_shared<const IndexWarp>(std::move(map)); }

}  // namespace cubeloom
