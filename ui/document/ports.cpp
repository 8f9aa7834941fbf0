// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/document/ports.h"

#include <algorithm>

namespace cubeloom {

bool hasOutputPort(const Declaration& declaration) { return declaration.role != Role::Sink; }

int inputPortCount(const Declaration& declaration, const Node& node) {
  int used = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (!node.inputs[i].empty()) used = static_cast<int>(i) + 1;
  return std::min(declaration.maxInputs(), std::max(declaration.minInputs(), used + 1));
}

}  // namespace cubeloom
