// SPDX-License-Identifier: GPL-3.0-or-later
// Collects errors and refusals, and knows which of them a click can put right.
#include "ui/run/blockers.h"

#include <algorithm>

#include "engine/base/text.h"

namespace cubeloom {

namespace {

QString fromStd(const std::string& text) { return QString::fromStdString(text); }

Blocker blockerOf(const Error& error, Document& document) {
  Blocker blocker{fromStd(error.message), fromStd(error.hint), fromStd(error.node), {}};
  if (isOverwriteBlocker(error)) {
    blocker.remedies.push_back({QObject::tr("Replace the file"),
                                [&document, node = blocker.node] { document.setParam(node, QStringLiteral("overwrite"), true); }});
  }
  if (!error.node.empty()) {
    blocker.remedies.push_back({QObject::tr("Show the step"), [&document, node = blocker.node] { document.setSelection({node}); }});
  }
  return blocker;
}

bool hasFailedInput(const Graph& graph, const BoundNode& node) {
  return std::any_of(node.inputs.begin(), node.inputs.end(),
                     [&](int input) { return input >= 0 && graph.nodes[static_cast<std::size_t>(input)].error; });
}

Blocker blockerOf(const Refusal& refusal, const Plan& plan, Session& session) {
  Blocker blocker{fromStd(refusal.reason), {}, {}, {}};
  QStringList words;
  for (const std::string& remedy : refusal.remedies) words << fromStd(remedy);
  blocker.hint = words.join(QStringLiteral(" · "));
  const auto least = static_cast<std::int64_t>(plan.leastBudgetBytes);
  if (least > session.memoryBudgetBytes() && least <= session.system().memoryAvailableBytes) {
    // Rounded up, so that what the process takes a little later does not ask again.
    const std::int64_t step = 16 << 20, bytes = (least + step - 1) / step * step;
    blocker.remedies.push_back({QObject::tr("Use %1 of memory").arg(fromStd(formatSize(static_cast<double>(bytes)))),
                                [&session, bytes] { session.setMemoryBudget(bytes); }});
  }
  return blocker;
}

}  // namespace

bool isOverwriteBlocker(const Error& error) {
  return error.parameter == "path" && error.message.find("overwrite=true") != std::string::npos;
}

std::vector<Blocker> blockersOf(Document& document, Session& session) {
  std::vector<Blocker> blockers;
  if (const auto graph = document.graph()) {
    for (const BoundNode& node : graph->nodes) {
      if (node.error && !hasFailedInput(*graph, node)) blockers.push_back(blockerOf(node.error->atNode(node.id), document));
    }
  }
  if (!blockers.empty()) return blockers;
  if (const auto error = session.planError()) blockers.push_back(blockerOf(*error, document));
  if (const auto plan = session.plan()) {
    for (const Refusal& refusal : plan->refusals) blockers.push_back(blockerOf(refusal, *plan, session));
  }
  return blockers;
}

}  // namespace cubeloom
