// SPDX-License-Identifier: GPL-3.0-or-later
// A plot in a file, as lines and letters.
#pragma once

#include <QString>

class QCustomPlot;

namespace cubeloom {

/// PDF, or SVG by the name's ending. False when it cannot be written.
bool savePlotDrawing(QCustomPlot& plot, const QString& path);

}  // namespace cubeloom
