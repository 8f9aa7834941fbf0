// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/map/spectrum_reader.h"

#include <cmath>

namespace cubeloom {

PlaceSpectra readSpectra(const std::array<SpectrumSource, 2>& sides, QPointF place, const Crs& crs, const CancelToken& cancel) {
  PlaceSpectra out;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    const SpectrumSource& side = sides[i];
    if (!side.graph) continue;
    double x = place.x(), y = place.y();
    const Crs& own = side.grid.box.crs();
    if (own.isValid() != crs.isValid()) continue;
    if (own.isValid() && !own.isSameAs(crs)) {
      const auto transformer = Transformer::between(crs, own);
      if (!transformer) {
        out.error = QString::fromStdString(transformer.error().text());
        continue;
      }
      transformer->forward(&x, &y, 1);
    }
    const Affine inverse = side.grid.box.affine().inverse();
    const double col = inverse.x(x, y), row = inverse.y(x, y);
    if (!(col >= 0 && row >= 0 && col < static_cast<double>(side.grid.box.cols()) && row < static_cast<double>(side.grid.box.rows())))
      continue;
    out.rows[i] = static_cast<std::int64_t>(row);
    out.cols[i] = static_cast<std::int64_t>(col);
    auto values = readSpectrum(*side.graph, side.node, out.rows[i], out.cols[i], side.others, cancel);
    if (values)
      out.values[i] = std::move(*values);
    else if (values.error().code != ErrorCode::Canceled)
      out.error = QString::fromStdString(values.error().text());
  }
  return out;
}

}  // namespace cubeloom
