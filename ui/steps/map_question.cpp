// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/steps/map_question.h"

#include <cmath>
#include <utility>

namespace cubeloom {

std::vector<MapShape> inCrs(const MapShapes& shapes, const Crs& crs) {
  if (!shapes.crs.isValid() || !crs.isValid() || shapes.crs.isSameAs(crs)) return shapes.shapes;
  const auto transformer = Transformer::between(shapes.crs, crs);
  if (!transformer) return {};
  std::vector<MapShape> moved;
  for (MapShape shape : shapes.shapes) {
    bool isWhole = true;
    for (QPolygonF& ring : shape.rings) {
      for (QPointF& place : ring) {
        double x = place.x(), y = place.y();
        transformer->forward(&x, &y, 1);
        isWhole = isWhole && std::isfinite(x) && std::isfinite(y);
        place = {x, y};
      }
    }
    if (isWhole) moved.push_back(std::move(shape));
  }
  return moved;
}

void MapQuestion::ask(Asked asked) {
  m_asked = std::move(asked);
  Q_EMIT changed();
}

void MapQuestion::answer(const MapShapes& shapes) {
  if (!m_asked) return;
  const auto done = std::move(m_asked->done);
  m_asked.reset();
  Q_EMIT changed();
  if (done) done(shapes);
}

void MapQuestion::cancel() {
  if (!m_asked) return;
  m_asked.reset();
  Q_EMIT changed();
}

}  // namespace cubeloom
