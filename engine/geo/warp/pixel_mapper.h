// SPDX-License-Identifier: GPL-3.0-or-later
// From positions on the output's pixel grid to positions on the source's, bit for bit as gdalwarp -et 0 computes them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/geo/warp/warp.h"

namespace cubeloom {

/// Where the pixels of one raster lie on another, when no pair of grids says it: control points, sensor models, location arrays.
class PixelMap {
 public:
  virtual ~PixelMap() = default;
  /// In place, (col, row) of the output to (col, row) of the source; what has no counterpart becomes (inf, inf). Each position's answer
  /// depends on that position alone.
  virtual void toSource(double* cols, double* rows, std::size_t count) const = 0;
  /// The other way. Need not be the exact inverse.
  virtual void toTarget(double* cols, double* rows, std::size_t count) const = 0;
};

/// Positions are in pixels: 0 is the outer edge of the first pixel, 0.5 its centre. Thread-safe.
class PixelMapper {
 public:
  static Result<std::unique_ptr<PixelMapper>> create(const GeoBox& source, const GeoBox& target);
  /// By `map`, every position exactly as it says; of the grids only the sizes count. As thread-safe as the map, which must outlive it.
  PixelMapper(const PixelMap& map, const GeoBox& source, const GeoBox& target);

  /// Rows depend on rows and columns on columns alone.
  bool isSeparable() const { return m_separable; }
  /// mapRows() interpolates in runs of neighbours.
  bool interpolatesRuns() const { return !m_sameCrs && m_map == nullptr; }
  /// The grids share their pixels: one is the other moved by whole ones, to 1e-6.
  bool isTranslation() const;
  /// The longitudes of the source's first and last columns meet.
  bool sourceRunsAroundTheEarth() const { return m_runsAround; }
  /// The source's columns are once round exactly: the last one's neighbour is the first. (What a grid sees twice is left off its end.)
  bool sourceIsRound() const { return m_isRound; }
  /// A column of a source that is round, within it; else unchanged.
  double columnRound(double col) const {
    if (!m_isRound || !std::isfinite(col)) return col;
    const auto turn = static_cast<double>(m_source.cols());
    return std::max(0.0, col - turn * std::floor((col + kTieTolerance) / turn));
  }
  /// Columns to a whole turn of the Earth; 0 unless the source's columns are longitudes.
  double columnPeriod() const { return m_columnPeriod; }
  /// The rows of the north and the south pole on a source whose columns are longitudes, within it or not.
  std::pair<double, double> poleRows() const;
  /// Only when separable.
  double sourceCol(double col) const;
  double sourceRow(double row) const;

  /// In place, (col, row) of the output to (col, row) of the source; what has no counterpart becomes (inf, inf).
  void map(double* cols, double* rows, std::size_t count) const;

  /// The other way. A target's columns that run around the Earth are chosen near `aroundCol`.
  void mapToTarget(double* cols, double* rows, const double* aroundCol, std::size_t count) const;

  /// Calls `visit(i, sourceCols, sourceRows)` for each i of `rows`: the positions (cols[j] + shift, rows[i] + shift), j = 0, 1, ...
  /// Runs of neighbouring pixels are interpolated within 64 x 64 tiles of the output where that is proven accurate to 1e-8 pixel and far
  /// from every whole or half pixel; all else is exact. So the result depends on the output's pixel alone, not on the run that it is in.
  using RowVisitor = std::function<void(std::size_t, const double*, const double*)>;
  void mapRows(const PixelList& rows, const PixelList& cols, double shift, const RowVisitor& visit) const;

  std::int64_t sourceRows() const { return m_source.rows(); }
  std::int64_t sourceCols() const { return m_source.cols(); }
  std::int64_t targetRows() const { return m_target.rows(); }
  std::int64_t targetCols() const { return m_target.cols(); }

 private:
  PixelMapper(const GeoBox& source, const GeoBox& target);
  class Lease;
  /// A longitude that differs by a whole turn, within 180 degrees of the middle of a geographic source.
  double nearCentre(double longitude) const;

  GeoBox m_source, m_target;
  Affine m_toSourcePixel, m_toTargetPixel;
  bool m_separable = false;
  bool m_sameCrs = false;
  const PixelMap* m_map = nullptr;  // instead of CRSs
  bool m_runsAround = false, m_isRound = false;
  double m_columnPeriod = 0;
  std::optional<double> m_centreLongitude;  // of a geographic source: longitudes are wrapped around it
  mutable std::mutex m_mutex;
  mutable std::vector<Transformer> m_idle;
};

}  // namespace cubeloom
