// SPDX-License-Identifier: GPL-3.0-or-later
// What a step gives and costs, as rows of label and value.
#pragma once

#include <QString>
#include <vector>

#include "ui/run/session.h"

namespace cubeloom {

struct Fact {
  QString label, value, toolTip;
  bool operator==(const Fact&) const = default;
};

/// Empty while nothing is known of the node.
std::vector<Fact> outputFacts(const Document& document, const Session& session, const QString& node);

/// The open nodes `node` is made from, nearest first.
std::vector<std::string> openNodesBehind(const Graph& graph, const std::string& node);

}  // namespace cubeloom
