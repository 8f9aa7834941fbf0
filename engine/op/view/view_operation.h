// SPDX-License-Identifier: GPL-3.0-or-later
// Base of operations that move no bytes: every output element is one input element, so the input is read straight into the output.
#pragma once

#include "engine/op/operation.h"

namespace cubeloom {

/// Output dim i runs along input dim `inputDim[i]`, taking the input indices `chosen[inputDim[i]]`; input dims that no output dim names
/// are dropped and fixed at `chosen[d].first()`. -1: a dim of one entry that the input does not have.
class ViewOperation : public KernelOperation {
 public:
  bool isView() const override { return true; }
  Result<std::unique_ptr<Task>> prepare(const Region& region) const override;

 protected:
  /// All of the input, in its order.
  void initView(const ArraySpec& input);
  std::vector<int> m_inputDim;
  Region m_chosen;
};

/// Where a direct need lands inside the output block.
BlockView directView(const Need& need, const BlockView& out);
/// A task without work of its own beyond what direct needs deliver.
std::unique_ptr<Task> directTask(std::vector<Need> needs);

}  // namespace cubeloom
