// SPDX-License-Identifier: GPL-3.0-or-later
// Turns a run's snapshots into one state per node.
#include "ui/steps/run_states.h"

#include <algorithm>
#include <cmath>

#include "ui/words/number_text.h"
#include "ui/words/run_text.h"

namespace cubeloom {

namespace {

constexpr double kRateWindowSeconds = 3;
constexpr double kTellSeconds = 0.24;

}  // namespace

QString nodeStateText(NodeState state) {
  switch (state) {
    case NodeState::Idle: return {};
    case NodeState::Waiting: return QStringLiteral("waiting");
    case NodeState::Running: return QStringLiteral("running");
    case NodeState::Paused: return QStringLiteral("paused");
    case NodeState::Done: return QStringLiteral("done");
    case NodeState::Failed: return QStringLiteral("failed");
    case NodeState::Canceled: return QStringLiteral("stopped");
    case NodeState::Stale: return QStringLiteral("changed since the run");
  }
  return {};
}

RunStates::RunStates(Document& document, Session& session, QObject* parent) : QObject(parent), m_document(document), m_session(session) {
  connect(&document, &Document::chainChanged, this, &RunStates::compare);
  connect(&document, &Document::replaced, this, [this] {
    m_hasRun = false;  // its steps are those of another chain, whatever their ids
    m_samples.clear();
  });
  connect(&session, &Session::runStarted, this, &RunStates::begin);
  connect(&session, &Session::snapshotChanged, this, &RunStates::take);
  connect(&session, &Session::runFinished, this, &RunStates::changed);
}

void RunStates::begin() {
  m_ranChain = m_document.chain();
  m_hasRun = true;
  m_toldAt = -1;
  m_samples.clear();
  compare();
  Q_EMIT changed();
}

void RunStates::take() {
  const Snapshot& snapshot = m_session.snapshot();
  for (const NodeProgress& node : snapshot.nodes) {
    std::deque<Sample>& samples = m_samples[node.id];
    samples.push_back({snapshot.t, std::max(node.bytesIn, node.bytesOut)});
    while (samples.size() > 2 && samples.front().t < snapshot.t - kRateWindowSeconds) samples.pop_front();
  }
  // Every emission paints nodes anew.
  if (m_toldAt >= 0 && std::abs(snapshot.t - m_toldAt) < kTellSeconds && !snapshot.finished) return;
  m_toldAt = snapshot.t;
  Q_EMIT changed();
}

void RunStates::compare() {
  m_stale.clear();
  if (!m_hasRun) return;
  const Chain& now = m_document.chain();
  const auto order = topologicalOrder(now);
  if (!order) return;
  for (int index : *order) {
    const Node& node = now.nodes[static_cast<std::size_t>(index)];
    const Node* then = m_ranChain.find(node.id);
    bool stale = !then || !(*then == node);
    for (const std::string& input : node.inputs) stale = stale || m_stale.count(inputNode(input)) > 0;
    if (stale) m_stale.insert(node.id);
  }
}

NodeRun RunStates::of(const QString& node) const {
  NodeRun run;
  if (!m_hasRun) return run;
  const std::string id = node.toStdString();
  const Snapshot& snapshot = m_session.snapshot();
  const auto progress = std::find_if(snapshot.nodes.begin(), snapshot.nodes.end(), [&](const NodeProgress& n) { return n.id == id; });
  if (progress == snapshot.nodes.end()) return run;
  if (m_stale.count(id) > 0) {
    run.state = NodeState::Stale;
    return run;
  }
  run.isView = progress->isView;
  if (progress->chunksTotal > 0) run.fraction = static_cast<double>(progress->chunksDone) / static_cast<double>(progress->chunksTotal);
  const bool complete = progress->chunksTotal > 0 && progress->chunksDone >= progress->chunksTotal;
  const auto& report = m_session.report();
  if (!m_session.isRunning() && report) {
    const bool failedHere = std::any_of(report->errors.begin(), report->errors.end(), [&](const Error& e) { return e.node == id; });
    if (failedHere) {
      run.state = NodeState::Failed;
    } else if (complete) {
      run.state = NodeState::Done;
    } else {
      run.state = NodeState::Canceled;
    }
    return run;
  }
  if (complete) {
    run.state = NodeState::Done;
    return run;
  }
  if (m_session.isPaused()) {
    run.state = NodeState::Paused;
  } else {
    run.state = progress->chunksDone > 0 || progress->bytesIn > 0 ? NodeState::Running : NodeState::Waiting;
  }
  if (run.state != NodeState::Running) return run;
  run.label = QStringLiteral("%1 of %2 chunks").arg(countText(progress->chunksDone), countText(progress->chunksTotal));
  const auto samples = m_samples.find(id);
  if (!run.isView && samples != m_samples.end() && samples->second.size() > 1) {
    const Sample &first = samples->second.front(), &last = samples->second.back();
    if (last.t > first.t && last.bytes > first.bytes)
      run.label += QStringLiteral(" · ") + rateText((last.bytes - first.bytes) / (last.t - first.t));
  }
  return run;
}

}  // namespace cubeloom
