// SPDX-License-Identifier: GPL-3.0-or-later
// Pixel by pixel beside gdalwarp, and beside gdalwarp asked in other ways where it is known to err.
#include "tests/support/warp_judge.h"

#include <cmath>
#include <cstring>
#include <functional>

#include "engine/geo/whole_turn.h"
#include "tests/support/warping.h"

namespace cubeloom::test {
namespace {

template <class T>
T pixelAt(const std::vector<std::byte>& pixels, std::size_t i) {
  T value;
  std::memcpy(&value, pixels.data() + i * sizeof(T), sizeof(T));
  return value;
}

std::vector<std::byte> ours(const GdalWarpJob& job, const Warp& warp, std::int64_t pieceRows, std::int64_t pieceCols) {
  return warpInPieces(warp, job.source, job.target, job.type, job.pixels, job.nodata, job.nodata.value_or(job.fill), pieceRows, pieceCols);
}

/// The same job on float64 pixels, which shows how near a rounding to an integer was to a tie.
std::vector<std::byte> asDoubles(GdalWarpJob job, const Warp& warp) {
  std::vector<std::byte> pixels(job.pixels.size() / pixelTypeBytes(job.type) * sizeof(double));
  dispatchRealType(job.type, [&](auto sample) {
    using T = decltype(sample);
    for (std::size_t i = 0; i * sizeof(T) < job.pixels.size(); ++i) {
      const auto value = static_cast<double>(pixelAt<T>(job.pixels, i));
      std::memcpy(pixels.data() + i * sizeof(double), &value, sizeof(double));
    }
  });
  job.type = PixelType::Float64;
  job.pixels = std::move(pixels);
  return ours(job, warp, job.target.rows(), job.target.cols());
}

/// NaN as the declared nodata, which it is to us: gdalwarp lets it spoil what it touches, and its order statistics mean nothing with it.
GdalWarpJob withoutNan(const GdalWarpJob& job) {
  GdalWarpJob other = job;
  if (!isFloating(job.type) || !job.nodata || job.method == Resampling::Nearest) return other;
  dispatchRealType(job.type, [&](auto sample) {
    using T = decltype(sample);
    const auto nodata = static_cast<T>(*job.nodata);
    for (std::size_t i = 0; i * sizeof(T) < job.pixels.size(); ++i)
      if (std::isnan(static_cast<double>(pixelAt<T>(job.pixels, i)))) std::memcpy(other.pixels.data() + i * sizeof(T), &nodata, sizeof(T));
  });
  return other;
}

/// The same places from half a turn further east on, of a source whose columns go once round the Earth.
std::optional<GdalWarpJob> halfTurned(const GdalWarpJob& job) {
  if (columnsRound(job.source) != job.source.cols() || job.source.cols() % 2 != 0) return std::nullopt;
  GdalWarpJob other = job;
  const std::size_t half = static_cast<std::size_t>(job.source.cols() / 2) * pixelTypeBytes(job.type);
  for (auto row = other.pixels.begin(); row != other.pixels.end(); row += static_cast<std::ptrdiff_t>(2 * half))
    std::swap_ranges(row, row + static_cast<std::ptrdiff_t>(half), row + static_cast<std::ptrdiff_t>(half));
  Affine affine = job.source.affine();
  affine.c += affine.c < 0 ? 180 : -180;
  other.source = GeoBox(job.source.rows(), job.source.cols(), affine, job.source.crs());
  return other;
}

/// Rows for columns, in the source: its second axis goes first.
GdalWarpJob transposed(const GdalWarpJob& job) {
  GdalWarpJob other = job;
  const Affine& a = job.source.affine();
  other.source = GeoBox(job.source.cols(), job.source.rows(), {a.b, a.a, a.c, a.e, a.d, a.f}, job.source.crs());
  const std::size_t width = pixelTypeBytes(job.type);
  const auto rows = static_cast<std::size_t>(job.source.rows()), cols = static_cast<std::size_t>(job.source.cols());
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c)
      std::memcpy(other.pixels.data() + (c * rows + r) * width, job.pixels.data() + (r * cols + c) * width, width);
  return other;
}

/// Onto a larger target, of which only the part asked for is kept.
std::vector<std::byte> onLargerTarget(GdalWarpJob job, const std::vector<std::string>& options,
                                      const std::vector<std::string>& transformerOptions) {
  constexpr std::int64_t kPad = 50;
  const GeoBox asked = job.target;
  const std::size_t width = pixelTypeBytes(job.type);
  job.target = asked.pad(kPad);
  const std::vector<std::byte> pixels = gdalwarp(job, options, transformerOptions).pixels;
  std::vector<std::byte> part(static_cast<std::size_t>(asked.rows() * asked.cols()) * width);
  for (std::int64_t r = 0; r < asked.rows(); ++r)
    std::memcpy(part.data() + static_cast<std::size_t>(r * asked.cols()) * width,
                pixels.data() + static_cast<std::size_t>((r + kPad) * job.target.cols() + kPad) * width,
                static_cast<std::size_t>(asked.cols()) * width);
  return part;
}

/// Says of each pixel whether ours is right beside what gdalwarp answered.
class Judge {
 public:
  Judge(const GdalWarpJob& job, const Warp& warp) : m_job(job), m_warp(warp), m_got(ours(job, warp, job.target.rows(), job.target.cols())) {
    m_isRight.assign(m_got.size() / pixelTypeBytes(job.type), false);
    dispatchRealType(job.type, [&](auto sample) {
      using T = decltype(sample);
      for (std::size_t i = 0; i * sizeof(T) < job.pixels.size(); ++i) {
        const auto value = std::abs(static_cast<double>(pixelAt<T>(job.pixels, i)));
        if (value < 1e9) m_largest = std::max(m_largest, value);
      }
    });
  }

  const std::vector<std::byte>& got() const { return m_got; }
  bool isRight() const { return std::find(m_isRight.begin(), m_isRight.end(), false) == m_isRight.end(); }
  QString firstWrong() const { return m_firstWrong; }

  /// Approves of the pixels that equal `expected`.
  void hear(const std::vector<std::byte>& expected) {
    dispatchRealType(m_job.type, [&](auto sample) {
      using T = decltype(sample);
      m_firstWrong.clear();
      const auto cols = static_cast<std::size_t>(m_job.target.cols());
      for (std::size_t i = 0; i < m_isRight.size(); ++i) {
        const auto a = static_cast<double>(pixelAt<T>(m_got, i)), b = static_cast<double>(pixelAt<T>(expected, i));
        if (agree(i, a, b)) m_isRight[i] = true;
        if (!m_isRight[i] && m_firstWrong.isEmpty())
          m_firstWrong = QString("row %1, column %2: %3 instead of %4").arg(i / cols).arg(i % cols).arg(a, 0, 'g', 12).arg(b, 0, 'g', 12);
      }
    });
  }

 private:
  bool agree(std::size_t i, double a, double b) {
    if (a == b || (std::isnan(a) && std::isnan(b))) return true;
    if (m_job.method == Resampling::Nearest) return false;
    // A position may be 1e-8 of a pixel off: where values cancel out that is more than 1e-6 of the rest.
    if (isFloating(m_job.type)) return std::abs(a - b) <= 1e-6 * std::max(1e-3, std::abs(b)) + 1e-8 * m_largest;
    if (std::abs(a - b) != 1) return false;
    if (m_unrounded.empty()) m_unrounded = asDoubles(m_job, m_warp);
    const auto exact = pixelAt<double>(m_unrounded, i);
    return std::abs(exact - (a + b) / 2) <= 1e-6 * std::max(1.0, std::abs(exact));
  }

  const GdalWarpJob& m_job;
  const Warp& m_warp;
  std::vector<std::byte> m_got, m_unrounded;
  std::vector<bool> m_isRight;
  double m_largest = 0;
  QString m_firstWrong;
};

using Ask = std::function<std::vector<std::byte>()>;

/// gdalwarp 3.6 asked for the same in other ways: each lacks one of its artefacts, and a pixel of ours must equal one of the answers.
std::vector<Ask> otherWays(const GdalWarpJob& job, const Warp& warp) {
  const auto number = [](double value) { return QString::number(value, 'g', 17).toStdString(); };
  const std::string x = number(1 / warp.scaleX()), y = number(1 / warp.scaleY());
  const bool isKernel = job.method >= Resampling::Bilinear && job.method <= Resampling::Lanczos;
  // It chooses datum operations for the source's area as a whole, and none at all where that reaches out of their areas of use.
  const std::vector<std::string> anywhere{"AREA_OF_INTEREST=-180,-90,180,90"};
  return {[&job, anywhere] { return gdalwarp(job, {}, anywhere).pixels; },
          // It loads the source that the output's outline asks for: too little where the map bulges, and smaller than the kernel at times,
          // which it then replaces by bilinear.
          [&job, anywhere, x, y, isKernel] {
            return gdalwarp(job,
                            {"SOURCE_EXTRA=200", isKernel ? "USE_GENERAL_CASE=YES" : "USE_GENERAL_CASE=NO", "XSCALE=" + x, "YSCALE=" + y},
                            anywhere)
                .pixels;
          },
          // Of an output pixel that leaves less than two of its like to the source's left and right it believes that it runs around the
          // Earth, and takes what lies to the left and right. It does so for columns only, and judges by the scale.
          [&job, anywhere, x, y] {
            return gdalwarp(transposed(job), {"XSCALE=" + y, "YSCALE=" + x}, anywhere).pixels;
          },
          [&job, anywhere, y] {
            return gdalwarp(job, {"XSCALE=1e6", "YSCALE=" + y}, anywhere).pixels;
          },
          // At the ends of a source that goes round the Earth it interpolates with what is there twice.
          [&job, anywhere, x, y, isKernel] {
            const auto turned = halfTurned(job);
            return gdalwarp(turned ? *turned : job,
                            {"SOURCE_EXTRA=200", isKernel ? "USE_GENERAL_CASE=YES" : "USE_GENERAL_CASE=NO", "XSCALE=" + x, "YSCALE=" + y},
                            anywhere)
                .pixels;
          },
          // Output pixels up to two source pixels outside get values of the edge, but only where some part of the output lies inside.
          [&job, anywhere, x, y] {
            return onLargerTarget(job, {"XSCALE=" + x, "YSCALE=" + y, "SRC_FILL_RATIO_HEURISTICS=NO"}, anywhere);
          }};
}

}  // namespace

WarpVerdict judgeWarp(const GdalWarpJob& job, std::int64_t pieceRows, std::int64_t pieceCols) {
  WarpVerdict verdict;
  const GdalWarpJob asked = withoutNan(job);
  const GdalWarpAnswer expected = gdalwarp(asked);
  const auto warp = Warp::create(job.source, job.target, {job.method, false});
  if (!warp || !expected.problem.empty()) {
    verdict.problem = QString::fromStdString(warp ? expected.problem : warp.error().text());
    return verdict;
  }
  Judge judge(job, **warp);
  judge.hear(expected.pixels);
  verdict.needsOtherWay = !judge.isRight();
  for (const Ask& ask : otherWays(asked, **warp))
    if (!judge.isRight()) judge.hear(ask());
  if (!judge.isRight()) verdict.problem = judge.firstWrong();
  if (ours(job, **warp, pieceRows, pieceCols) != judge.got()) verdict.problem = "pieces differ from the whole";
  return verdict;
}

}  // namespace cubeloom::test
