// SPDX-License-Identifier: GPL-3.0-or-later
// What the plots have in common: how they look, and how they go into a file.
#pragma once

#include <QString>

#include "ui/charts/chart_style.h"

class QCustomPlot;

namespace cubeloom {

/// Ground, axes and grid in the colours and letters of `style`, before `ground`.
void stylePlot(QCustomPlot& plot, const ChartStyle& style, const QColor& ground);
/// As lines and letters: PDF, or SVG by the name's ending. False when it cannot be written.
bool savePlotDrawing(QCustomPlot& plot, const QString& path);

}  // namespace cubeloom
