// SPDX-License-Identifier: GPL-3.0-or-later
// The three ways in which a warped region gets its pixels.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/geo/warp/warp.h"
#include "engine/op/operation.h"

namespace cubeloom {

/// Which dims of an array are its rows and columns.
struct PlaneAxes {
  std::size_t y = 0, x = 0;
};

/// Nearest onto a parallel grid: the rows and columns inside, `need`, are read straight into the output; the rest is filled.
std::unique_ptr<Task> separableTask(Need need, double fill);

/// Nearest onto a rotated and much coarser grid: every run of samples is read by itself, straight into the output. Runs come row by row
/// from left to right.
std::unique_ptr<Task> scatteredTask(std::vector<Need> needs, PlaneAxes axes, double fill);

/// Any other warp: one block of source pixels, one index map, every plane through it.
std::unique_ptr<Task> pieceTask(std::unique_ptr<WarpPiece> piece, Need need, PlaneAxes axes, std::optional<double> nodata, double fill);

}  // namespace cubeloom
