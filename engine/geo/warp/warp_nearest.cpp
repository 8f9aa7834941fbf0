// SPDX-License-Identifier: GPL-3.0-or-later
// Nearest: a pure gather of whole pixels, of any type.
#include <complex>
#include <cstring>

#include "engine/geo/warp/warp_pieces.h"
#include "engine/geo/warp/warp_sample.h"
#include "engine/geo/warp/warp_taps.h"

namespace cubeloom {
namespace {

template <class T>
struct RealOf {
  using Type = T;
};
template <class T>
struct RealOf<std::complex<T>> {
  using Type = T;
};

class NearestPiece final : public WarpPiece {
 public:
  NearestPiece(TapGrid<PixelTap> taps, WarpNeed need) : m_taps(std::move(taps)) { m_need = std::move(need); }

  std::size_t bytes() const override { return sizeof *this + m_taps.bytes() + m_need.listBytes(); }

  /// Nodata stays what it is.
  void apply(PixelType type, const Plane& source, const Plane& target, std::optional<double> /*nodata*/, double fill) const override {
    dispatchPixelType(type, [&](auto sample) {
      using T = decltype(sample);
      using Real = typename RealOf<T>::Type;
      gather<T>(source, target, T(convertPixel<Real>(fill)));
    });
  }

 private:
  template <class T>
  void gather(const Plane& source, const Plane& target, T filling) const {
    const std::size_t yStep = m_taps.yStep();
    for (std::size_t i = 0; i < m_taps.rows; ++i) {
      const PixelTap* x = m_taps.xOfRow(i);
      const PixelTap* y = m_taps.yOfRow(i);
      std::byte* out = target.data + static_cast<std::int64_t>(i) * target.rowStride;
      for (std::size_t j = 0; j < m_taps.cols; ++j, out += target.colStride, y += yStep) {
        T value = filling;
        if (x[j].first >= 0 && y->first >= 0)
          value = *reinterpret_cast<const T*>(source.data + y->first * source.rowStride + x[j].first * source.colStride);
        *reinterpret_cast<T*>(out) = value;
      }
    }
  }

  TapGrid<PixelTap> m_taps;
};

}  // namespace

PiecePtr makeGatherPiece(TapGrid<PixelTap> taps, WarpNeed need) { return std::make_unique<NearestPiece>(std::move(taps), std::move(need)); }

PiecePtr makeNearestPiece(const PixelMapper& mapper, const PixelList& rows, const PixelList& cols) {
  WarpNeed need;
  auto taps = makeTaps<PixelTap>(mapper, rows, cols, SampleKind::Centre, need, [&mapper](int axis, double at, double) {
    const std::int64_t pixel =
        axis == 0 ? nearestPixel(mapper.columnRound(at), mapper.sourceCols()) : nearestPixel(at, mapper.sourceRows());
    return PixelTap{pixel < 0 ? kNoTap : static_cast<std::int32_t>(pixel)};
  });
  return makeGatherPiece(std::move(taps), std::move(need));
}

}  // namespace cubeloom
