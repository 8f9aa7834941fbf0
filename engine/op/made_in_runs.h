// SPDX-License-Identifier: GPL-3.0-or-later
// What an operation has to say of itself when single pixels are asked for.
#pragma once

namespace cubeloom {

/// Beside BoundOperation, for the few that are of this kind. A run makes regions without gaps; whoever wants the same bits for pixels apart
/// from each other asks this first.
class MadeInRuns {
 public:
  virtual ~MadeInRuns() = default;
  /// Pixels that are asked for apart from each other may differ in the last bit from those of a run of neighbours.
  virtual bool needsRuns() const = 0;
};

}  // namespace cubeloom
