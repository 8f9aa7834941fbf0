// SPDX-License-Identifier: GPL-3.0-or-later
// One node in words: what canvas and outline show of it, derived from its declaration and the last binding.
#pragma once

#include <QString>
#include <QStringList>

#include "engine/plan/plan.h"
#include "ui/document/document.h"

namespace cubeloom {

struct NodeFacts {
  QString id, op;
  QString title;         ///< the operation's
  QString name;          ///< the id, when it says more than the operation
  QString summary;       ///< one line; empty until bound
  QString size;          ///< shape, or bytes at both ends of a chain
  QString error;         ///< message; empty when bound
  QString errorDetail;   ///< with hint
  QStringList warnings;  ///< of binding and plan
  QStringList inputs;    ///< one per input port; empty text: not connected
  bool hasOutput = true;
  bool bypassed = false;
  bool bound = false;
  bool operator==(const NodeFacts&) const = default;
};

/// `plan` may be null; `planError`: why no plan could be made, where that is this node's fault.
NodeFacts nodeFacts(const Document& document, const Plan* plan, const Node& node, const Error* planError = nullptr);

/// Lines of the card beside a port: dims and type; bytes and chunks; CRS and nodata. Empty when nothing is known.
QStringList portCardLines(const Document& document, const Plan* plan, const QString& node);

/// The plan's entry of a node; null when there is none.
const PlanNode* planNodeOf(const Plan* plan, const std::string& id);

}  // namespace cubeloom
