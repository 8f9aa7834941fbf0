// SPDX-License-Identifier: GPL-3.0-or-later
// Collects errors and refusals, and knows which of them a click can put right.
#include "ui/run/blockers.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include "engine/access/formats.h"
#include "engine/chain/chain.h"
#include "ui/words/number_text.h"

namespace cubeloom {

namespace {

QString fromStd(const std::string& text) { return QString::fromStdString(text); }

bool isMissing(const std::filesystem::path& folder) {
  std::error_code code;
  return !folder.empty() && !std::filesystem::exists(folder, code) && !code;
}

void renameOutput(Document& document, const ExistingOutput& existing) {
  const Node* node = document.chain().find(existing.node.toStdString());
  if (!node || !node->params.contains("path") || !node->params["path"].is_string()) return;
  std::filesystem::path path(node->params["path"].get<std::string>());
  document.setParam(existing.node, QStringLiteral("path"), path.replace_filename(existing.freeName.toStdString()).string());
}

/// After the selected step, else after the last one that nothing follows.
void addWriteStep(Document& document) {
  const Chain& chain = document.chain();
  const auto isFollowed = [&chain](const std::string& id) {
    return std::any_of(chain.nodes.begin(), chain.nodes.end(), [&id](const Node& node) {
      return std::any_of(node.inputs.begin(), node.inputs.end(), [&id](const std::string& input) { return inputNode(input) == id; });
    });
  };
  QString last = document.selection().size() == 1 ? document.selection().first() : QString();
  if (last.isEmpty() || isFollowed(last.toStdString())) {
    for (const Node& node : chain.nodes)
      if (!isFollowed(node.id)) last = fromStd(node.id);
  }
  const QString added = document.addNode(QStringLiteral("write"), Json::object(), {}, {last});
  document.setSelection({added});
}

Blocker blockerOf(const ExistingOutput& existing, Document& document, Session& session) {
  Blocker blocker{QObject::tr("%1 exists already").arg(existing.file),
                  existing.isOurs ? QObject::tr("an earlier run wrote it; running again replaces it")
                                  : QObject::tr("it was not written by a run of this window: replacing it cannot be undone"),
                  existing.node,
                  document.stepName(existing.node),
                  {}};
  const Remedy replace{QObject::tr("Replace and run"), [&session] { session.start({}, true); }};
  blocker.remedies.push_back({QObject::tr("Write to %1 and run").arg(existing.freeName), [&document, &session, existing] {
                                renameOutput(document, existing);
                                session.start();
                              }});
  // Enter presses the first: what loses nothing.
  blocker.remedies.insert(existing.isOurs ? blocker.remedies.begin() : blocker.remedies.end(), replace);
  return blocker;
}

Blocker blockerOf(const FoundPart& part, Document& document, Session& session) {
  const ExistingOutput& output = part.outputs.front();
  Blocker blocker{
      QObject::tr("an unfinished run of %1 lies there (%2), which this chain cannot go on with").arg(output.file, sizeText(part.bytes)),
      part.why,
      output.node,
      document.stepName(output.node),
      {}};
  blocker.remedies.push_back({QObject::tr("Keep it, write to %1").arg(output.freeName), [&document, &session, part] {
                                for (const ExistingOutput& unfinished : part.outputs) renameOutput(document, unfinished);
                                session.start();
                              }});
  blocker.remedies.push_back({QObject::tr("Discard it and run"),
                              [&session, replaces = !session.existingOutputs().empty()] { session.start({}, replaces, true); }});
  return blocker;
}

/// Of a file that reads others, and that nobody has said may do so.
bool wantsTrust(const Error& error) {
  return error.code == ErrorCode::OpenFailed && error.parameter == "path" && error.message.find(kOnlyOnTrust) != std::string::npos;
}

Blocker blockerOf(const Error& error, Document& document, Session& session) {
  const QString node = fromStd(error.node);
  Blocker blocker{fromStd(error.message), fromStd(error.hint), node, document.stepName(node), {}};
  if (error.code == ErrorCode::InvalidChain && document.graph() && document.graph()->outputs().empty())
    blocker.remedies.push_back({QObject::tr("Add a Write step"), [&document] { addWriteStep(document); }});
  if (const std::shared_ptr<Trust> trust = document.services().trust; trust && wantsTrust(error))
    blocker.remedies.push_back({QObject::tr("Trust this file"), [&document, trust, path = error.path] {
                                  if (trust->trust(path) || trust->trustForNow(path)) document.rebind();
                                }});
  if (error.code == ErrorCode::OpenFailed || error.code == ErrorCode::ReadFailed)
    blocker.remedies.push_back({QObject::tr("Reopen"), [&document] { document.rebind(); }});
  if (const std::filesystem::path folder = std::filesystem::path(error.path).parent_path();
      error.code != ErrorCode::OpenFailed && error.parameter == "path" && isMissing(folder))
    blocker.remedies.push_back({QObject::tr("Make the folder"), [&session, folder] {
                                  std::error_code code;
                                  std::filesystem::create_directories(folder, code);
                                  session.recheck();  // says what is wrong where it cannot be made
                                }});
  if (!error.node.empty()) blocker.remedies.push_back({QObject::tr("Show the step"), [&document, node] { document.setSelection({node}); }});
  return blocker;
}

bool hasFailedInput(const Graph& graph, const BoundNode& node) {
  return std::any_of(node.wires.begin(), node.wires.end(),
                     [&](int input) { return input >= 0 && graph.nodes[static_cast<std::size_t>(input)].error; });
}

Blocker blockerOf(const Refusal& refusal, const Plan& plan, Session& session) {
  Blocker blocker{fromStd(refusal.reason), {}, {}, {}, {}};
  QStringList words;
  for (const std::string& remedy : refusal.remedies) words << fromStd(remedy);
  blocker.hint = words.join(QStringLiteral(" · "));
  const auto least = static_cast<std::int64_t>(plan.leastBudgetBytes);
  if (least > session.memoryBudgetBytes() && least <= session.system().memoryAvailableBytes) {
    // Rounded up, so that what the process takes a little later does not ask again.
    const std::int64_t step = 16 << 20, bytes = (least + step - 1) / step * step;
    blocker.remedies.push_back(
        {QObject::tr("Use %1 of memory").arg(sizeText(static_cast<double>(bytes))), [&session, bytes] { session.setMemoryBudget(bytes); }});
  }
  return blocker;
}

}  // namespace

std::optional<Error> planErrorOf(const Session& session, const std::string& node) {
  std::optional<Error> error = session.planError();
  if (!error || error->node != node || !session.existingOutputs().empty()) return std::nullopt;
  return error;
}

RunOffer runOfferOf(const Document& document, const Session& session) {
  if (document.isBinding() || !session.plan() || !session.plan()->fits()) return RunOffer::None;
  if (session.part() && !session.part()->canResume) return RunOffer::Discard;
  const auto& existing = session.existingOutputs();
  if (existing.empty()) return session.part() ? RunOffer::Resume : RunOffer::None;
  const bool ours = std::all_of(existing.begin(), existing.end(), [](const ExistingOutput& output) { return output.isOurs; });
  return ours ? RunOffer::Replace : RunOffer::Ask;
}

std::vector<Blocker> blockersOf(Document& document, Session& session) {
  std::vector<Blocker> blockers;
  if (const auto graph = document.graph()) {
    for (const int i : graph->needed()) {
      const BoundNode& node = graph->nodes[static_cast<std::size_t>(i)];
      if (node.error && !node.bypassed && !hasFailedInput(*graph, node))
        blockers.push_back(blockerOf(node.error->atNode(node.id), document, session));
    }
  }
  if (!blockers.empty()) return blockers;
  const auto plan = session.plan();
  if (plan && plan->fits() && session.part() && !session.part()->canResume) return {blockerOf(*session.part(), document, session)};
  if (plan && plan->fits() && !session.existingOutputs().empty()) {
    for (const ExistingOutput& existing : session.existingOutputs()) blockers.push_back(blockerOf(existing, document, session));
    return blockers;
  }
  if (const auto error = session.planError()) blockers.push_back(blockerOf(*error, document, session));
  if (plan) {
    for (const Refusal& refusal : plan->refusals) blockers.push_back(blockerOf(refusal, *plan, session));
  }
  return blockers;
}

}  // namespace cubeloom
