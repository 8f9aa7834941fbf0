// SPDX-License-Identifier: GPL-3.0-or-later
// A warp chooses the kernel for its scale, cuts pieces and bounds what they need.
#include "engine/geo/warp/warp.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/text.h"
#include "engine/geo/warp/pixel_mapper.h"
#include "engine/geo/warp/warp_pieces.h"
#include "engine/geo/warp/warp_scale.h"

namespace cubeloom {
namespace {

constexpr std::array<std::pair<std::string_view, Resampling>, 14> kNames{{{"nearest", Resampling::Nearest},
                                                                          {"bilinear", Resampling::Bilinear},
                                                                          {"cubic", Resampling::Cubic},
                                                                          {"cubicspline", Resampling::CubicSpline},
                                                                          {"lanczos", Resampling::Lanczos},
                                                                          {"average", Resampling::Average},
                                                                          {"rms", Resampling::Rms},
                                                                          {"mode", Resampling::Mode},
                                                                          {"min", Resampling::Min},
                                                                          {"max", Resampling::Max},
                                                                          {"med", Resampling::Median},
                                                                          {"q1", Resampling::Q1},
                                                                          {"q3", Resampling::Q3},
                                                                          {"sum", Resampling::Sum}}};

/// The positions of `list` that `sourceOf` takes inside the source, when they follow each other.
struct AxisSelection {
  std::int64_t first = 0;
  PixelList pixels;
};
template <class SourceOf>
std::optional<AxisSelection> selectAxis(const PixelList& list, std::int64_t size, SourceOf&& sourceOf) {
  AxisSelection selection;
  bool ended = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::int64_t pixel = nearestPixel(sourceOf(static_cast<double>(list[i]) + 0.5), size);
    if (pixel < 0) {
      ended = !selection.pixels.empty();
      continue;
    }
    if (ended) return std::nullopt;
    if (selection.pixels.empty()) selection.first = static_cast<std::int64_t>(i);
    selection.pixels.push_back(pixel);
  }
  return selection;
}

IndexSet wholeRange(double low, double high, std::int64_t size) {
  const double begin = std::clamp(std::floor(low), 0.0, static_cast<double>(size));
  const double end = std::clamp(std::ceil(high), begin, static_cast<double>(size));
  return IndexSet::range(static_cast<std::int64_t>(begin), static_cast<std::int64_t>(end - begin));
}

/// The same on an axis whose last pixel's neighbour is the first.
IndexSet wholeRangeAround(double low, double high, std::int64_t size) {
  const auto turn = static_cast<double>(size);
  if (high - low >= turn - 2) return wholeRange(0, turn, size);
  PixelList range;
  for (const IndexSet& part : {wholeRange(0, high - turn, size), wholeRange(low, high, size), wholeRange(low + turn, turn, size)})
    for (std::int64_t i = 0; i < part.count(); ++i) range.push_back(part.at(i));
  return IndexSet::list(std::move(range));
}

class GridWarp final : public Warp {
 public:
  GridWarp(std::unique_ptr<PixelMapper> mapper, const WarpOptions& options)
      : m_mapper(std::move(mapper)), m_options(options), m_scales(warpScales(*m_mapper, options)) {}

  double scaleX() const override { return 1 / m_scales.kernel.x; }
  double scaleY() const override { return 1 / m_scales.kernel.y; }

  bool needsRuns() const override { return m_options.method != Resampling::Nearest && m_mapper->interpolatesRuns(); }

  std::optional<SeparableNearest> separable(const PixelList& rows, const PixelList& cols) const override {
    if (m_options.method != Resampling::Nearest || !m_mapper->isSeparable()) return std::nullopt;
    auto y = selectAxis(rows, m_mapper->sourceRows(), [this](double row) { return m_mapper->sourceRow(row); });
    auto x = selectAxis(cols, m_mapper->sourceCols(), [this](double col) { return m_mapper->columnRound(m_mapper->sourceCol(col)); });
    if (!x || !y) return std::nullopt;
    return SeparableNearest{y->first, x->first, std::move(y->pixels), std::move(x->pixels)};
  }

  std::vector<NearestRun> nearestRuns(const PixelList& rows, const PixelList& cols) const override {
    std::vector<NearestRun> runs;
    m_mapper->mapRows(rows, cols, 0.5, [&](std::size_t i, const double* x, const double* y) {
      bool follows = false;
      for (std::size_t j = 0; j < cols.size(); ++j) {
        const std::int64_t row = nearestPixel(y[j], m_mapper->sourceRows());
        const std::int64_t col = nearestPixel(m_mapper->columnRound(x[j]), m_mapper->sourceCols());
        const bool isInside = row >= 0 && col >= 0;
        if (isInside && !(follows && runs.back().sourceRow == row))
          runs.push_back({static_cast<std::int64_t>(i), static_cast<std::int64_t>(j), row, {}});
        if (isInside) runs.back().sourceCols.push_back(col);
        follows = isInside;
      }
    });
    return runs;
  }

  Result<std::unique_ptr<WarpPiece>> piece(const PixelList& rows, const PixelList& cols) const override { return makePiece(rows, cols); }

  std::size_t pieceBytesBound(std::size_t rows, std::size_t cols) const override {
    return cubeloom::pieceBytesBound(*m_mapper, m_options, m_scales, rows, cols);
  }

  Result<WarpNeed> needBound(const PixelList& rows, const PixelList& cols) const override {
    if (rows.empty() || cols.empty()) return WarpNeed{};
    static constexpr std::int64_t kMostSteps = 24;
    // Far apart, the samples of few pixels are much less than the range that holds them; looking at each costs what bounding them does.
    const bool isFew = m_options.method == Resampling::Nearest && rows.size() * cols.size() <= kMostSteps * kMostSteps;
    if (m_mapper->isSeparable() || isFew) return makePiece(rows, cols)->need();
    const auto [top, bottom] = std::minmax_element(rows.begin(), rows.end());
    const auto [left, right] = std::minmax_element(cols.begin(), cols.end());
    const auto steps = [](std::int64_t pixels) { return static_cast<int>(std::clamp<std::int64_t>(pixels, 2, kMostSteps)); };
    const SourceExtent extent =
        sampleExtent(*m_mapper, static_cast<double>(*left), static_cast<double>(*right + 1), static_cast<double>(*top),
                     static_cast<double>(*bottom + 1), steps(*right + 1 - *left), steps(*bottom + 1 - *top), true);
    const auto sourceCols = static_cast<double>(m_mapper->sourceCols());
    const auto sourceRows = static_cast<double>(m_mapper->sourceRows());
    const double spanX = extent.maxCol - extent.minCol, spanY = extent.maxRow - extent.minRow;
    // Between samples the map may leave their range by an eighth of its bend; a map that fails or bends sharply is not trusted at all.
    const bool isSmooth = extent.failed == 0 && extent.bendCol <= 0.1 * spanX + 1 && extent.bendRow <= 0.1 * spanY + 1;
    if (!isSmooth && isCheap(rows.size(), cols.size())) return makePiece(rows, cols)->need();
    if (!isSmooth) return WarpNeed{wholeRange(0, sourceRows, m_mapper->sourceRows()), wholeRange(0, sourceCols, m_mapper->sourceCols())};
    const double padX = extent.bendCol + pieceReach(m_options, m_scales.kernel.x) + 2;
    const double padY = extent.bendRow + pieceReach(m_options, m_scales.kernel.y) + 2;
    const double west = extent.minCol - padX, east = extent.maxCol + padX;
    WarpNeed need{wholeRange(extent.minRow - padY, extent.maxRow + padY, m_mapper->sourceRows()),
                  m_mapper->sourceRunsAroundTheEarth() ? wholeRangeAround(west, east, m_mapper->sourceCols())
                                                       : wholeRange(west, east, m_mapper->sourceCols())};
    if (need.isEmpty()) return WarpNeed{};
    return need;
  }

 private:
  /// To map pixel by pixel, where a bound from samples cannot be trusted: at the edge of the Earth, around a pole.
  bool isCheap(std::size_t rows, std::size_t cols) const {
    static constexpr std::size_t kMostPixels = 1 << 16, kMostBytes = 64 << 20;
    return rows * cols <= kMostPixels && pieceBytesBound(rows, cols) <= kMostBytes;
  }

  PiecePtr makePiece(const PixelList& rows, const PixelList& cols) const {
    return cubeloom::makePiece(*m_mapper, m_options, m_scales, rows, cols);
  }

  std::unique_ptr<PixelMapper> m_mapper;
  WarpOptions m_options;
  WarpScales m_scales;
};

}  // namespace

std::optional<Resampling> resamplingFromName(std::string_view name) {
  const std::string lower = toLower(trim(name));
  if (lower == "near") return Resampling::Nearest;
  if (lower == "median") return Resampling::Median;
  for (const auto& [known, method] : kNames)
    if (lower == known) return method;
  return std::nullopt;
}

std::string_view resamplingName(Resampling method) {
  for (const auto& [name, known] : kNames)
    if (known == method) return name;
  return "nearest";
}

Result<std::shared_ptr<const Warp>> Warp::create(const GeoBox& source, const GeoBox& target, const WarpOptions& options) {
  auto mapper = PixelMapper::create(source, target);
  if (!mapper) return fail(std::move(mapper.error()));
  WarpOptions chosen = options;
  if ((*mapper)->isTranslation()) chosen.method = Resampling::Nearest;  // every statistic of one whole pixel is that pixel
  return std::make_shared<const GridWarp>(std::move(*mapper), chosen);
}

}  // namespace cubeloom
