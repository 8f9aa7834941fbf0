// SPDX-License-Identifier: GPL-3.0-or-later
// Sizes, fonts and colours of the canvas, looked up once per theme instead of once per painted node.
#pragma once

#include <QColor>
#include <QFont>

#include "ui/document/chain_layout.h"

namespace cubeloom {

constexpr double kNodeMargin = 12;
constexpr double kPortRadius = 5, kPortReach = 14;
constexpr double kDotPitch = 23;
/// Below this zoom nodes show their name and badge only.
constexpr double kSimpleBelow = 0.5;

struct CanvasStyle {
  QFont title, longTitle, name, summary, longSummary, size, label, simpleTitle;
  QColor ground, dot, face, border, text, muted, accent, waiting, running, done, paused, failed, warning, track, wire;

  /// From the theme as it is now.
  static CanvasStyle current();
};

}  // namespace cubeloom
