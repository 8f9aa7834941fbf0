// SPDX-License-Identifier: GPL-3.0-or-later
// The small signs on a node, drawn as shapes so that they do not depend on a font and differ without colour.
#pragma once

#include <QPainter>

namespace cubeloom {

enum class Badge { None, Warning, Error, Bypass, Stale, Done };

/// An open eye of about 14 x 9 around `centre`.
void paintEye(QPainter& painter, QPointF centre, const QColor& color, bool filled);
/// Fits a square of `size` around `centre`.
void paintBadge(QPainter& painter, Badge badge, QPointF centre, double size, const QColor& color, const QColor& ground);

}  // namespace cubeloom
