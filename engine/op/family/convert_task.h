// SPDX-License-Identifier: GPL-3.0-or-later
// Delivering an input as another pixel type, nodata kept as nodata.
#pragma once

#include <memory>
#include <optional>

#include "engine/op/operation.h"

namespace cubeloom {

/// How pixels change type: values convert as convertPixel() does, `nodataFrom` and NaN become `nodataTo`.
struct Conversion {
  PixelType from = PixelType::Float32, to = PixelType::Float32;
  std::optional<double> nodataFrom, nodataTo;
  bool isIdentity() const;
};

/// The task that reads `region` of input 0 and converts it; a direct read when nothing changes.
std::unique_ptr<Task> convertTask(const Conversion& conversion, const Region& region);

/// Adds to `warnings` what values of `from` may lose as values of `to`, by what both types hold: ends of the range, fractions, digits, NaN,
/// and what comes to stand on the nodata value.
void warnOfLoss(const ArraySpec& from, const ArraySpec& to, std::vector<std::string>& warnings);

/// The nodata an array of type `to` takes over from `spec`: the same value where `to` can hold it, NaN for floats, else an error that
/// names parameter `parameter`.
Result<std::optional<double>> convertedNodata(const ArraySpec& spec, PixelType to, const std::string& parameter);

}  // namespace cubeloom
