// SPDX-License-Identifier: GPL-3.0-or-later
// From preview values to what the screen shows: stretch, colour map, warp of side B onto side A's map, difference.
#pragma once

#include <QImage>
#include <QSize>
#include <QString>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/cancel.h"
#include "engine/preview/preview.h"

namespace cubeloom {

enum class StretchMode {
  Percent,  ///< 2-98 % of what is in view
  MinMax,
  Unit,  ///< 0 to 1
};

using Limits = std::vector<std::array<double, 2>>;

struct PictureStyle {
  StretchMode stretch = StretchMode::Percent;
  bool locked = false;  ///< side B is shown with side A's limits
  Limits frozen;        ///< not empty: these limits, whatever is in view
  bool difference = false;
};

/// Values of one side with their place.
struct Picture {
  std::shared_ptr<const PreviewImage> values;  ///< null: nothing to show
  Crs crs;
  bool rowsDown = false;
  std::string colorMap = "viridis";  ///< of a single band
  /// Of classes, by their numbers; not empty: a single band is shown in them, and `colorMap` is not looked at.
  std::vector<std::array<std::uint8_t, 4>> classColours{};
};

struct ComposeRequest {
  Picture a, b;
  PictureStyle style;
  Crs mapCrs;  ///< of the canvas: the leading side's
  bool mapRowsDown = false;
  Bounds mapBounds;  ///< in view, for a side that has to be warped
  QSize mapSize;
};

/// An image and where it lies in the canvas's CRS.
struct Layer {
  QImage image;
  Bounds bounds;
  bool isEmpty() const { return image.isNull(); }
};

struct Composed {
  Layer a, b, difference;
  Limits limitsA, limitsB;
  QString problem;  ///< why B cannot be laid over A; empty when it can
};

/// Pure; meant for a worker.
Composed compose(const ComposeRequest& request, const CancelToken& cancel);

/// `from` on another grid: per pixel the nearest value of the picture, NaN outside. CRSs may differ: points are transformed on a lattice
/// of every 16th pixel and interpolated between, which is finer than the picture's own pixels at screen scale.
Result<PreviewImage> resamplePicture(const Picture& from, const Crs& crs, const Bounds& bounds, QSize size, bool rowsDown);

}  // namespace cubeloom
