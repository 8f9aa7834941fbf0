// SPDX-License-Identifier: GPL-3.0-or-later
// A warp chooses the kernel for its scale, cuts pieces and bounds what they need.
#include "engine/geo/warp.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "engine/base/text.h"
#include "engine/geo/pixel_mapper.h"
#include "engine/geo/warp_pieces.h"
#include "engine/geo/warp_sample.h"
#include "engine/geo/warp_scale.h"
#include "engine/geo/warp_taps.h"

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

bool isKernelMethod(Resampling method) { return kernelRadius(method) > 0; }
bool isAreaMethod(Resampling method) { return method != Resampling::Nearest && !isKernelMethod(method); }

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

PixelList wholeRange(double low, double high, std::int64_t size) {
  const double begin = std::clamp(std::floor(low), 0.0, static_cast<double>(size));
  const double end = std::clamp(std::ceil(high), begin, static_cast<double>(size));
  PixelList range(static_cast<std::size_t>(end - begin));
  std::iota(range.begin(), range.end(), static_cast<std::int64_t>(begin));
  return range;
}

/// The same on an axis whose last pixel's neighbour is the first.
PixelList wholeRangeAround(double low, double high, std::int64_t size) {
  const auto turn = static_cast<double>(size);
  if (high - low >= turn - 2) return wholeRange(0, turn, size);
  PixelList range = wholeRange(0, high - turn, size);
  const PixelList middle = wholeRange(low, high, size), end = wholeRange(low + turn, turn, size);
  range.insert(range.end(), middle.begin(), middle.end());
  range.insert(range.end(), end.begin(), end.end());
  return range;
}

class GridWarp final : public Warp {
 public:
  GridWarp(std::unique_ptr<PixelMapper> mapper, const WarpOptions& options)
      : m_mapper(std::move(mapper)), m_options(options), m_scale(warpScale(*m_mapper, kernelRadius(options.method))) {
    if (options.method == Resampling::Sum) m_localScale = localScale(*m_mapper);
  }

  double scaleX() const override { return 1 / m_scale.x; }
  double scaleY() const override { return 1 / m_scale.y; }

  std::optional<SeparableNearest> separable(const PixelList& rows, const PixelList& cols) const override {
    if (m_options.method != Resampling::Nearest || !m_mapper->isSeparable()) return std::nullopt;
    auto y = selectAxis(rows, m_mapper->sourceRows(), [this](double row) { return m_mapper->sourceRow(row); });
    auto x = selectAxis(cols, m_mapper->sourceCols(), [this](double col) { return m_mapper->sourceCol(col); });
    if (!x || !y) return std::nullopt;
    return SeparableNearest{y->first, x->first, std::move(y->pixels), std::move(x->pixels)};
  }

  std::vector<NearestRun> nearestRuns(const PixelList& rows, const PixelList& cols) const override {
    std::vector<NearestRun> runs;
    m_mapper->mapRows(rows, cols, 0.5, [&](std::size_t i, const double* x, const double* y) {
      bool follows = false;
      for (std::size_t j = 0; j < cols.size(); ++j) {
        const std::int64_t row = nearestPixel(y[j], m_mapper->sourceRows()), col = nearestPixel(x[j], m_mapper->sourceCols());
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
    const Resampling method = m_options.method;
    const WarpScale scale = kernelScale();
    const bool isSeparable = m_mapper->isSeparable();
    // Per axis: one tap and its weights for each pixel, or for each row and column when separable.
    double tapX = sizeof(SpanTap), tapY = sizeof(SpanTap);
    if (method == Resampling::Nearest) {
      tapX = tapY = sizeof(PixelTap);
    } else if (isPointKernel(scale)) {
      tapX = tapY = sizeof(PointTap);
    } else if (isKernelMethod(method)) {
      tapX = sizeof(KernelTap) + sizeof(double) * kernelTaps(method, scale.x);
      tapY = sizeof(KernelTap) + sizeof(double) * kernelTaps(method, scale.y);
    }
    const auto pixels = static_cast<double>(rows) * static_cast<double>(cols);
    double bytes = isSeparable ? tapX * static_cast<double>(cols) + tapY * static_cast<double>(rows) : (tapX + tapY) * pixels;
    if (isAreaMethod(method) && !isSeparable) bytes += 2 * sizeof(double) * pixels;  // the first corners, while the taps are made
    if (method == Resampling::Sum && !isSeparable) bytes += sumPieceBytes(*m_mapper, rows, cols, m_localScale);
    // The axes' marks, the list of what is needed, and a mean's sums.
    bytes += 28.0 * static_cast<double>(m_mapper->sourceRows() + m_mapper->sourceCols());
    return static_cast<std::size_t>(bytes) + 65536;
  }

  Result<WarpNeed> needBound(const PixelList& rows, const PixelList& cols) const override {
    if (rows.empty() || cols.empty()) return WarpNeed{};
    if (m_mapper->isSeparable()) return makePiece(rows, cols)->need();
    static constexpr std::int64_t kMostSteps = 24;
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
    if (!isSmooth) return WarpNeed{wholeRange(0, sourceRows, m_mapper->sourceRows()), wholeRange(0, sourceCols, m_mapper->sourceCols())};
    const double padX = extent.bendCol + reach(m_scale.x) + 2, padY = extent.bendRow + reach(m_scale.y) + 2;
    const double west = extent.minCol - padX, east = extent.maxCol + padX;
    WarpNeed need{wholeRange(extent.minRow - padY, extent.maxRow + padY, m_mapper->sourceRows()),
                  m_mapper->sourceRunsAroundTheEarth() ? wholeRangeAround(west, east, m_mapper->sourceCols())
                                                       : wholeRange(west, east, m_mapper->sourceCols())};
    if (need.isEmpty()) return WarpNeed{};
    return need;
  }

 private:
  /// Kernels that widen use one scale per axis for the whole output; the plain ones never widen.
  WarpScale kernelScale() const { return m_options.plainKernel ? WarpScale{} : m_scale; }

  /// Bilinear and cubic that hardly shrink take 2 x 2 and 4 x 4 pixels.
  bool isPointKernel(WarpScale scale) const {
    return (m_options.method == Resampling::Bilinear || m_options.method == Resampling::Cubic) && scale.x >= 0.95 && scale.y >= 0.95;
  }

  double reach(double scale) const {
    if (isAreaMethod(m_options.method)) return 1;
    const double radius = kernelRadius(m_options.method);
    return m_options.plainKernel || scale >= 1 ? radius : std::ceil(radius / scale);
  }

  PiecePtr makePiece(const PixelList& rows, const PixelList& cols) const {
    const Resampling method = m_options.method;
    if (method == Resampling::Nearest) return makeNearestPiece(*m_mapper, rows, cols);
    if (method == Resampling::Sum && !m_mapper->isSeparable()) return makeSumPiece(*m_mapper, rows, cols, m_localScale);
    if (isAreaMethod(method)) return makeAreaPiece(*m_mapper, rows, cols, method, m_scale);
    const WarpScale scale = kernelScale();
    if (isPointKernel(scale)) return makePointPiece(*m_mapper, rows, cols, method == Resampling::Cubic);
    return makeKernelPiece(*m_mapper, rows, cols, method, scale);
  }

  std::unique_ptr<PixelMapper> m_mapper;
  WarpOptions m_options;
  WarpScale m_scale, m_localScale;
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
