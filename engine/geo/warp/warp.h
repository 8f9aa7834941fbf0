// SPDX-License-Identifier: GPL-3.0-or-later
// Resampling one pixel grid onto another: which source pixels a piece of the output needs, and the gather itself.
// The geometry is computed once per piece and used for every plane (band, date).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/index_set.h"
#include "engine/base/pixel_type.h"
#include "engine/base/result.h"
#include "engine/geo/geobox.h"

namespace cubeloom {

enum class Resampling { Nearest, Bilinear, Cubic, CubicSpline, Lanczos, Average, Rms, Mode, Min, Max, Median, Q1, Q3, Sum };
/// GDAL's names; "near" and "nearest" are one.
std::optional<Resampling> resamplingFromName(std::string_view name);
std::string_view resamplingName(Resampling method);

struct WarpOptions {
  Resampling method = Resampling::Nearest;
  bool plainKernel = false;  ///< do not widen bilinear, cubic, cubicspline and lanczos when shrinking
};

/// Indices along the output's rows or columns that a piece computes: strictly increasing in normal runs, any list in previews.
using PixelList = std::vector<std::int64_t>;

/// What a piece of the output needs of the source: exactly these rows and columns (increasing), empty when it lies outside.
struct WarpNeed {
  IndexSet rows, cols;
  bool isEmpty() const { return rows.isEmpty() || cols.isEmpty(); }
  std::size_t listBytes() const { return rows.listBytes() + cols.listBytes(); }
};

/// GDAL's rule for a sample on the source: outside when x < 0 or x + 1e-10 > size, else pixel trunc(x + 1e-10), the far edge clamped.
inline constexpr double kTieTolerance = 1e-10;
inline std::int64_t nearestPixel(double x, std::int64_t size) {
  if (!(x >= 0) || x + kTieTolerance > static_cast<double>(size)) return -1;
  const auto pixel = static_cast<std::int64_t>(x + kTieTolerance);
  return pixel == size ? pixel - 1 : pixel;
}

/// One plane of pixels in memory: `data` + row*rowStride + col*colStride (bytes). `rows`/`cols` count the pixels held.
struct Plane {
  std::byte* data = nullptr;
  std::int64_t rows = 0, cols = 0, rowStride = 0, colStride = 0;
};

/// The plan of one piece: index map or taps, made once, applied to any number of planes. Immutable after creation: thread-safe to use.
class WarpPiece {
 public:
  virtual ~WarpPiece() = default;
  const WarpNeed& need() const { return m_need; }
  /// Bytes this object holds.
  virtual std::size_t bytes() const = 0;
  /// `source` holds exactly need().rows x need().cols; `target` the piece's rows x cols; both of `type` (not complex unless nearest).
  /// `nodata`: of the source; pixels equal to it never mix into a value, nor does NaN, whatever is declared. `fill`: written where the
  /// source has ended; where it has nothing valid, nodata stands. A result that would equal `nodata` by chance is moved off it as gdalwarp
  /// does.
  virtual void apply(PixelType type, const Plane& source, const Plane& target, std::optional<double> nodata, double fill) const = 0;

 protected:
  WarpNeed m_need;
};

/// Nearest onto an axis-aligned grid of the same CRS: rows and columns are independent. Output positions outside the source are cut off.
struct SeparableNearest {
  std::int64_t firstRow = 0, firstCol = 0;  ///< first position in the piece's lists that lies inside
  PixelList rows, cols;                     ///< source row / column for each following position inside
};

/// Nearest onto a rotated grid with samples far apart: pixels of one output row whose samples lie in one source row.
struct NearestRun {
  std::int64_t row = 0, col = 0;  ///< of the first pixel, as positions in the piece's lists
  std::int64_t sourceRow = 0;
  PixelList sourceCols;  ///< one per pixel of the run
};

/// The warp from one grid to another. Thread-safe; immutable.
class Warp {
 public:
  /// CrsUnavailable when PROJ cannot join the CRSs; GridMismatch when just one of them is unknown.
  static Result<std::shared_ptr<const Warp>> create(const GeoBox& source, const GeoBox& target, const WarpOptions& options);
  virtual ~Warp() = default;

  /// Scale of source pixels per output pixel at the centre (> 1: shrinking), x then y; fixed for the whole output.
  virtual double scaleX() const = 0;
  virtual double scaleY() const = 0;
  /// Lists of pixels that are no runs of neighbours may give values that differ in the last bit: positions are then known to 1e-8 pixel.
  virtual bool needsRuns() const = 0;
  /// Set when method is nearest and the grids are separable: the piece is then a pure selection.
  virtual std::optional<SeparableNearest> separable(const PixelList& rows, const PixelList& cols) const = 0;
  /// Nearest only: the very samples of a piece, row by row from left to right; what lies outside the source is in no run.
  virtual std::vector<NearestRun> nearestRuns(const PixelList& rows, const PixelList& cols) const = 0;
  /// Exact: makes the index map of the piece. CrsUnavailable when the transform fails as a whole.
  virtual Result<std::unique_ptr<WarpPiece>> piece(const PixelList& rows, const PixelList& cols) const = 0;
  /// Cheap bound of piece().need() for planning: covers it; exact for separable warps and for nearest of few pixels.
  virtual Result<WarpNeed> needBound(const PixelList& rows, const PixelList& cols) const = 0;
  /// At least the bytes that making and holding a piece of that many rows and columns takes.
  virtual std::size_t pieceBytesBound(std::size_t rows, std::size_t cols) const = 0;
};

}  // namespace cubeloom
