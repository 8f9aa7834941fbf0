// SPDX-License-Identifier: GPL-3.0-or-later
// Arrays as the instrument saw them, placed by a lookup: for each pixel of an output grid the one raw pixel it takes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "engine/geo/geobox.h"
#include "engine/geo/warp/warp.h"

namespace cubeloom {

/// World coordinates of each raw pixel's centre, [row, col]; NaN where it has none. `crs` of both: EPSG:4326 for longitudes and latitudes.
struct Geolocation {
  std::int64_t rows = 0, cols = 0;
  std::vector<double> x, y;
  Crs crs;
};

/// Immutable; thread-safe.
class IndexMap {
 public:
  struct Entry {
    std::int64_t row = -1, col = -1;  ///< of the raw array; -1: the output pixel takes none
    bool isInfilled = false;          ///< taken from a neighbour where the instrument saw nothing
    bool isSet() const { return row >= 0; }
    bool operator==(const Entry&) const = default;
  };

  /// From a geometric lookup table as JPL's: per output pixel [row, col] the raw sample (column) and line (row), counted from 1; 0 is
  /// none, and a negative number an infilled one. InvalidParameter when the tables are not rows x cols, only one of the two is 0, or one
  /// points outside the raw array.
  static Result<IndexMap> fromLookup(const std::vector<std::int32_t>& samples, const std::vector<std::int32_t>& lines, std::int64_t rows,
                                     std::int64_t cols, std::int64_t rawRows, std::int64_t rawCols);

  /// From the place of every raw pixel: each pixel of `target` takes the raw pixel whose centre is nearest to its own, by Euclidean
  /// distance in the units of the target's CRS, and none when that is beyond `maxDistance`; of equally near ones the first line's first
  /// sample. InvalidParameter for arrays of another size or a distance that is not positive or spans more than 256 pixels; CrsUnavailable
  /// when PROJ cannot join the CRSs.
  static Result<IndexMap> fromLocations(const Geolocation& places, const GeoBox& target, double maxDistance);

  std::int64_t rows() const { return m_rows; }
  std::int64_t cols() const { return m_cols; }
  std::int64_t rawRows() const { return m_rawRows; }
  std::int64_t rawCols() const { return m_rawCols; }
  Entry at(std::int64_t row, std::int64_t col) const;
  std::size_t bytes() const { return sizeof *this + m_entries.capacity() * sizeof(Packed); }

 private:
  /// Counted from 1; the line is negative where infilled, 0 where there is none.
  struct Packed {
    std::int32_t line = 0, sample = 0;
  };
  IndexMap(std::int64_t rows, std::int64_t cols, std::int64_t rawRows, std::int64_t rawCols);

  std::int64_t m_rows, m_cols, m_rawRows, m_rawCols;
  std::vector<Packed> m_entries;
};

/// A warp that takes from the raw array what the map says: every piece is a gather, made once for all bands and dates.
std::shared_ptr<const Warp> makeIndexWarp(std::shared_ptr<const IndexMap> map);

}  // namespace cubeloom
