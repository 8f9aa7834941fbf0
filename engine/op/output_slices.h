// SPDX-License-Identifier: GPL-3.0-or-later
// A step that writes its input as several outputs.
#pragma once

#include <vector>

#include "engine/op/operation.h"

namespace cubeloom {

/// One of several outputs of an input: the part of it that is taken, and what writes that part.
struct OutputSlice {
  std::shared_ptr<const BoundOperation> taken, written;
  Json selection = Json::object();  ///< what is taken, as positions along dims
};

/// What such a step is beside a view of all of its input: it writes nothing itself.
class SlicedOutput {
 public:
  virtual ~SlicedOutput() = default;
  virtual const std::vector<OutputSlice>& slices() const = 0;
};

/// All outputs of a step that writes several; none of another.
inline std::vector<OutputSlice> slicesOf(const BoundOperation& operation) {
  const auto* sliced = dynamic_cast<const SlicedOutput*>(&operation);
  return sliced != nullptr ? sliced->slices() : std::vector<OutputSlice>();
}

}  // namespace cubeloom
