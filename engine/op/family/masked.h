// SPDX-License-Identifier: GPL-3.0-or-later
// The masked family: values stay where flags beside them say so, and become nodata elsewhere. Flags lie along some of the values' dims;
// what they drop may grow by some pixels.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engine/op/operation.h"

namespace cubeloom {

struct Masked {
  int flags = 1;  ///< which input they are; 0: the values themselves
  /// Sets drops[i] to 1 where a value becomes nodata, else to 0; flags are NaN where they are nodata. Thread-safe.
  std::function<void(const double* flags, std::size_t count, std::uint8_t* drops)> drop;
  std::int64_t dilate = 0;  ///< pixels by which what is dropped grows, in a circle
  std::string summary = {};
  std::vector<std::string> warnings = {};
};

/// The declarations of `invert`, and of `dilate`, whose value is Masked::dilate.
Param invertParam(const std::string& help);
Param dilateParam();

/// Pixel type and nodata stay; whole numbers without a nodata value get one that is free, in a wider type, which is said. GridMismatch:
/// flags on other pixels or with further dims of more than one entry. UnsupportedType: complex flags.
Result<std::shared_ptr<const BoundOperation>> bindMasked(const std::vector<ArraySpec>& inputs, Masked masked);

}  // namespace cubeloom
