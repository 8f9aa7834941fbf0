// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/compose.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace cubeloom {

namespace {

constexpr int kLattice = 16;

Limits limitsOf(const PreviewImage& image, const PictureStyle& style) {
  if (!style.frozen.empty()) return style.frozen;
  Limits limits;
  for (const auto& band : image.bands) {
    switch (style.stretch) {
      case StretchMode::Percent: limits.push_back(percentileStretch(band, 2, 98)); break;
      case StretchMode::MinMax: limits.push_back(percentileStretch(band, 0, 100)); break;
      case StretchMode::Unit: limits.push_back({0, 1}); break;
    }
  }
  return limits;
}

/// `values` of a picture, on its grid or another, in its colours.
QImage toImage(const PreviewImage& values, const Limits& limits, const Picture& picture) {
  if (values.width <= 0 || values.height <= 0) return {};
  const bool showsClasses = !picture.classColours.empty() && values.bands.size() == 1;
  const std::vector<std::uint8_t> rgba =
      showsClasses ? classesToRgba(values, picture.classColours) : stretchToRgba(values, limits, picture.colorMap);
  return QImage(rgba.data(), values.width, values.height, values.width * 4, QImage::Format_RGBA8888)
      .convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

/// Blue below, white at, red above zero; as one hue per sign, so that the sign is not lost in grey.
QRgb divergingAt(double fraction) {
  const double f = std::clamp(fraction, -1.0, 1.0), rest = 1 - std::abs(f);
  const auto mix = [rest](double end) { return static_cast<int>(std::lround(end + (247 - end) * rest)); };
  return f < 0 ? qRgb(mix(33), mix(102), mix(172)) : qRgb(mix(178), mix(24), mix(43));
}

/// A minus B on A's picture; one band: diverging about 0, three: grey where equal.
QImage differenceImage(const PreviewImage& a, const PreviewImage& b) {
  const std::size_t bands = std::min(a.bands.size(), b.bands.size());
  if (bands == 0 || a.width <= 0) return {};
  const auto pixels = static_cast<std::size_t>(a.width) * static_cast<std::size_t>(a.height);
  std::vector<std::vector<float>> difference(bands == 3 ? 3 : 1, std::vector<float>(pixels));
  std::vector<double> reach;
  for (std::size_t k = 0; k < difference.size(); ++k) {
    std::vector<float> size(pixels);
    for (std::size_t p = 0; p < pixels; ++p) {
      difference[k][p] = a.bands[k][p] - b.bands[k][p];
      size[p] = std::abs(difference[k][p]);
    }
    reach.push_back(std::max(percentileStretch(size, 0, 98)[1], 1e-12));
  }
  QImage image(a.width, a.height, QImage::Format_ARGB32_Premultiplied);
  for (int y = 0; y < a.height; ++y) {
    auto* line = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < a.width; ++x) {
      const auto p = static_cast<std::size_t>(y) * static_cast<std::size_t>(a.width) + static_cast<std::size_t>(x);
      const bool hole = std::any_of(difference.begin(), difference.end(), [p](const auto& band) { return std::isnan(band[p]); });
      const auto level = [&](std::size_t k) {
        return static_cast<int>(std::lround(127.5 + 127.5 * std::clamp(difference[k][p] / reach[k], -1.0, 1.0)));
      };
      if (hole)
        line[x] = 0;
      else
        line[x] = difference.size() == 1 ? divergingAt(difference[0][p] / reach[0]) : qRgb(level(0), level(1), level(2));
    }
  }
  return image;
}

bool samePlace(const Crs& a, const Crs& b) { return a.isValid() == b.isValid() && (!a.isValid() || a.isSameAs(b)); }

}  // namespace

Result<PreviewImage> resamplePicture(const Picture& from, const Crs& crs, const Bounds& bounds, QSize size, bool rowsDown) {
  const PreviewImage& source = *from.values;
  PreviewImage out;
  out.width = size.width();
  out.height = size.height();
  out.bounds = bounds;
  out.bandIndices = source.bandIndices;
  out.decimation = source.decimation;
  const auto pixels = static_cast<std::size_t>(size.width()) * static_cast<std::size_t>(size.height());
  out.bands.assign(source.bands.size(), std::vector<float>(pixels, std::numeric_limits<float>::quiet_NaN()));
  if (source.width <= 0 || source.bounds.isEmpty() || pixels == 0) return out;

  std::optional<Transformer> transformer;
  if (!samePlace(from.crs, crs)) {
    auto made = Transformer::between(crs, from.crs);
    if (!made) return fail(made.error());
    transformer.emplace(std::move(*made));
  }
  const auto worldX = [&](double col) { return bounds.xmin + col / size.width() * bounds.width(); };
  const auto worldY = [&](double row) {
    const double down = row / size.height() * bounds.height();
    return rowsDown ? bounds.ymin + down : bounds.ymax - down;
  };
  const int latticeCols = size.width() / kLattice + 2, latticeRows = size.height() / kLattice + 2;
  std::vector<double> xs, ys;
  for (int r = 0; r < latticeRows; ++r) {
    for (int c = 0; c < latticeCols; ++c) {
      xs.push_back(worldX(c * kLattice + 0.5));
      ys.push_back(worldY(r * kLattice + 0.5));
    }
  }
  if (transformer) transformer->forward(xs.data(), ys.data(), xs.size());
  const auto between = [latticeCols](const std::vector<double>& v, int row, int col) {
    const auto corner =
        static_cast<std::size_t>(row / kLattice) * static_cast<std::size_t>(latticeCols) + static_cast<std::size_t>(col / kLattice);
    const auto below = corner + static_cast<std::size_t>(latticeCols);
    const double fx = static_cast<double>(col % kLattice) / kLattice, fy = static_cast<double>(row % kLattice) / kLattice;
    return (v[corner] * (1 - fx) + v[corner + 1] * fx) * (1 - fy) + (v[below] * (1 - fx) + v[below + 1] * fx) * fy;
  };
  for (int row = 0; row < size.height(); ++row) {
    for (int col = 0; col < size.width(); ++col) {
      const double x = between(xs, row, col), y = between(ys, row, col);
      const double u = (x - source.bounds.xmin) / source.bounds.width() * source.width;
      const double down = from.rowsDown ? y - source.bounds.ymin : source.bounds.ymax - y;
      const double v = down / source.bounds.height() * source.height;
      if (!(u >= 0 && u < source.width && v >= 0 && v < source.height)) continue;
      const auto at = static_cast<std::size_t>(v) * static_cast<std::size_t>(source.width) + static_cast<std::size_t>(u);
      const auto to = static_cast<std::size_t>(row) * static_cast<std::size_t>(size.width()) + static_cast<std::size_t>(col);
      for (std::size_t k = 0; k < out.bands.size(); ++k) out.bands[k][to] = source.bands[k][at];
    }
  }
  return out;
}

Composed compose(const ComposeRequest& request, const CancelToken& cancel) {
  Composed out;
  const auto& style = request.style;
  if (request.a.values) {
    out.limitsA = limitsOf(*request.a.values, style);
    out.a = {toImage(*request.a.values, out.limitsA, request.a), request.a.values->bounds};
  }
  if (!request.b.values || cancel.isCanceled()) return out;
  out.limitsB = style.locked && !out.limitsA.empty() ? out.limitsA : limitsOf(*request.b.values, style);
  if (request.a.values && request.a.crs.isValid() != request.b.crs.isValid()) {
    out.problem = QStringLiteral("%1 has no coordinate system, so the two cannot be laid over each other")
                      .arg(request.b.crs.isValid() ? QStringLiteral("A") : QStringLiteral("B"));
    return out;
  }
  if (samePlace(request.b.crs, request.mapCrs)) {
    out.b = {toImage(*request.b.values, out.limitsB, request.b), request.b.values->bounds};
  } else {
    const auto warped = resamplePicture(request.b, request.mapCrs, request.mapBounds, request.mapSize, request.mapRowsDown);
    if (!warped) {
      out.problem = QString::fromStdString(warped.error().text());
      return out;
    }
    out.b = {toImage(*warped, out.limitsB, request.b), request.mapBounds};
  }
  if (style.difference && request.a.values && request.a.values->width > 0 && !cancel.isCanceled()) {
    const PreviewImage& a = *request.a.values;
    if (const auto onA = resamplePicture(request.b, request.a.crs, a.bounds, {a.width, a.height}, request.a.rowsDown))
      out.difference = {differenceImage(a, *onA), a.bounds};
  }
  return out;
}

}  // namespace cubeloom
