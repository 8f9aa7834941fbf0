// SPDX-License-Identifier: GPL-3.0-or-later
// Work in steps of some hundredths of a second: kernels do not look for a cancel themselves.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "engine/walk/evaluate.h"

namespace cubeloom {

/// How long an element of a node takes, learned from read to read. Thread-safe.
struct Pace {
  std::atomic<double> secondsPerElement{0};  ///< 0: not known yet
};

/// Evaluates regions of one node in pieces that follow from how long the ones before took.
class PacedEvaluation {
 public:
  PacedEvaluation(const Graph& graph, int node, EvaluateContext& context, Pace& pace);
  /// As evaluate(). Canceled soon after the context's token was set, unless cutting would read much more.
  Result<void> make(const Region& region, const BlockView& out);

 private:
  Result<std::vector<std::size_t>> cheapDims(const Region& region) const;
  double allowed() const;
  Result<void> make(const Region& region, const BlockView& out, std::size_t level);
  Result<void> evaluateNow(const Region& region, const BlockView& out);

  const Graph& m_graph;
  const int m_node;
  EvaluateContext& m_context;
  Pace& m_pace;
  bool m_computes = false;
  double m_last = 0;  ///< elements of the piece before
  std::optional<std::vector<std::size_t>> m_dims;
};

}  // namespace cubeloom
