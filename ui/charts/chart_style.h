// SPDX-License-Identifier: GPL-3.0-or-later
// What charts look like, handed to them as a value.
#pragma once

#include <QColor>
#include <QFont>

namespace cubeloom {

struct ChartStyle {
  QColor surface = Qt::white;  ///< ground of the plots
  QColor grid = Qt::lightGray;
  QColor text = Qt::black;
  QColor muted = Qt::darkGray;
  QColor read = Qt::blue;
  QColor compute = Qt::darkGreen;
  QColor write = Qt::magenta;
  QColor failed = Qt::red;
  QColor warning = Qt::darkYellow;
  QFont small;    ///< tick labels, legends
  QFont value;    ///< the number in a title row
  QFont heading;  ///< the title
};

/// In the colours of the theme as it is.
ChartStyle themedChartStyle();

/// `a` over `b` with weight `share` (0: all b, 1: all a).
inline QColor mixColors(const QColor& a, const QColor& b, double share) {
  const auto mix = [share](int x, int y) { return static_cast<int>(x * share + y * (1 - share) + 0.5); };
  return {mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue())};
}

}  // namespace cubeloom
