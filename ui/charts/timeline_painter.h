// SPDX-License-Identifier: GPL-3.0-or-later
// Paints the lanes of a timeline into an image, pixel column by pixel column: the cost depends on the width, not on items.
#pragma once

#include <QImage>

#include "ui/charts/chart_style.h"
#include "ui/charts/task_lanes.h"

namespace cubeloom {

/// Where a lane lies within the image, in device pixels.
struct LaneGeometry {
  int top = 0, height = 0;
};
/// Lanes share the height; a gap between them while they are at least four pixels high.
LaneGeometry laneGeometry(int lane, int laneCount, int imageHeight, double devicePixelRatio);

/// Read is hatched forward, write backward, compute solid, failed crossed. Where single tasks cannot be told apart the column shows
/// the shares of the kinds from top to bottom, under a zig-zag line.
QImage paintLanes(const TaskLanes& lanes, double from, double to, QSize devicePixels, double devicePixelRatio, const ChartStyle& style);

/// A legend swatch (and any other small patch) of a kind, with its hatch.
QImage paintSwatch(TaskKind kind, QSize devicePixels, double devicePixelRatio, const ChartStyle& style);

}  // namespace cubeloom
