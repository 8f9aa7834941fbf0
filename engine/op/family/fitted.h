// SPDX-License-Identifier: GPL-3.0-or-later
// Kernels that learn something from all pixels of their input before: what they are until then, and passes over whole spectra.
#pragma once

#include <functional>
#include <memory>

#include "engine/op/operation.h"
#include "engine/op/reduce/part_cut.h"

namespace cubeloom {

/// Input 0 read once, in parts that hold all entries of dim `dim`.
class SpectraPass : public FitPass {
 public:
  SpectraPass(const ArraySpec& input, int dim);
  std::vector<Region> parts() const override;
  std::vector<Region> pieces(const Region& part) const override;
  std::vector<bool> canBeSampled() const override;

 protected:
  ArraySpec m_input;
  int m_dim;

 private:
  PartCut m_cut;
};

/// What `kernel` will be once `pass` has been made: its spec and its needs, no results. `kernel` is a KernelOperation.
std::shared_ptr<const BoundOperation> toBeFitted(std::shared_ptr<const BoundOperation> kernel, std::unique_ptr<const FitPass> pass);

}  // namespace cubeloom
