// SPDX-License-Identifier: GPL-3.0-or-later
// Which input a fit learns from: the first, unless its pass says another.
#pragma once

#include "engine/op/reduce/accumulator.h"

namespace cubeloom {

/// A pass over one of the inputs behind the first.
class FurtherInputPass : public FitPass {
 public:
  virtual int input() const = 0;
};

/// Which input `pass` reads.
inline int inputOf(const FitPass& pass) {
  const auto* further = dynamic_cast<const FurtherInputPass*>(&pass);
  return further ? further->input() : 0;
}

}  // namespace cubeloom
