// SPDX-License-Identifier: GPL-3.0-or-later
// What is gathered from the parts of an input: by a reduction for its result, by a fit for what is learned.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/array/block.h"
#include "engine/array/region.h"
#include "engine/base/cancel.h"
#include "engine/base/result.h"
#include "engine/base/state_carrier.h"

namespace cubeloom {

/// State that grows part by part. Used by one thread at a time. In whatever way a sequence of blocks is cut into calls of add(), the state
/// has the same bits; where merge() falls does matter, so that is fixed by specs alone.
class Accumulator {
 public:
  virtual ~Accumulator() = default;
  /// Adds an input block (shape of its region).
  virtual Result<void> add(const BlockView& input) = 0;
  /// The same of one that takes other inputs, too: `beside` as its operation asks for.
  virtual Result<void> addWith(const BlockView& input, const std::vector<BlockView>& /*beside*/) { return add(input); }
  /// The same of one that has to know where the block lies: `piece` as its operation cut it.
  virtual Result<void> addAt(const Region& /*piece*/, const BlockView& input, const std::vector<BlockView>& beside) {
    return addWith(input, beside);
  }
  /// Appends what a later part has gathered, of the same make.
  virtual void merge(const Accumulator& later) = 0;
  virtual std::size_t bytes() const = 0;
  /// Its state goes to another process of the same program, or comes from one that made it in the same way.
  virtual void carry(StateCarrier& state) = 0;
};

/// The state of a reduction.
class Partial : public Accumulator {
 public:
  virtual Result<void> finish(const BlockView& out) const = 0;
};

class BoundOperation;

/// What an operation has to learn from all of one input before any of its output can be made: one pass over it. Immutable, thread-safe.
class FitPass {
 public:
  virtual ~FitPass() = default;
  /// Which input.
  virtual int input() const { return 0; }
  /// The regions of the input that make it up, in order, fixed by its spec alone; each is gathered by itself and then merged in order.
  virtual std::vector<Region> parts() const = 0;
  /// A part in pieces that are read and added one after another.
  virtual std::vector<Region> pieces(const Region& part) const = 0;
  virtual std::unique_ptr<Accumulator> accumulator() const = 0;
  /// What accumulator()->bytes() will say.
  virtual double accumulatorBytes() const = 0;
  /// Bytes that what was learned holds until the end of the run.
  virtual double fittedBytes() const = 0;
  /// This pass and those that follow it.
  virtual int passes() const { return 1; }
  /// Along which dims of the input a sample of the indices will do for an approximate answer.
  virtual std::vector<bool> canBeSampled() const = 0;
  /// The operation with what `total` has gathered: ready, or with one pass less to go. What takes long looks at `cancel`: Canceled.
  virtual Result<std::shared_ptr<const BoundOperation>> fitted(const Accumulator& total, const CancelToken& cancel) const = 0;
};

}  // namespace cubeloom
