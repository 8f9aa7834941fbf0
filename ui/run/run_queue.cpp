// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/run/run_queue.h"

#include <algorithm>

#include "ui/run/blockers.h"

namespace cubeloom {

RunQueue::RunQueue(Document& document, Session& session) : m_document(document), m_session(session) {
  connect(&session, &Session::runStarted, this, [this] {
    if (std::exchange(m_isHeld, false)) Q_EMIT changed();
  });
  connect(
      &session, &Session::runFinished, this,
      [this] {
        if (m_runs.empty()) return;
        m_isHeld = m_session.report() && m_session.report()->status == RunStatus::Canceled;
        m_isHeld ? Q_EMIT changed() : startNext();
      },
      Qt::QueuedConnection);  // all have seen the end of the one before
  connect(
      &session, &Session::runRefused, this,
      [this] {
        if (!m_isHeld) startNext();
      },
      Qt::QueuedConnection);
}

QString RunQueue::refusal() const {
  const auto graph = m_document.graph();
  if (m_document.isBinding() || !graph || graph->nodes.empty() || graph->firstError()) return tr("This chain cannot run as it is.");
  const Chain& chain = m_document.chain();
  const auto isSame = [&chain](const Chain& other) { return chainToJson(other) == chainToJson(chain) && other.folder == chain.folder; };
  if (m_session.isRunning() && isSame(m_session.runOrigin().chain))
    return tr("This very chain is running. Change a step or its output first, then it can be queued.");
  if (std::any_of(m_runs.begin(), m_runs.end(), [&](const QueuedRun& one) { return isSame(one.origin.chain); }))
    return tr("This very chain waits already.");
  return {};
}

void RunQueue::add() {
  if (!refusal().isEmpty()) return;
  const bool replaces = runOfferOf(m_document, m_session) == RunOffer::Replace;
  m_runs.push_back({{m_document.chain(), m_document.name(), m_document.path()}, m_session.place(), replaces});
  Q_EMIT changed();
}

void RunQueue::remove(std::size_t index) {
  if (index >= m_runs.size()) return;
  m_runs.erase(m_runs.begin() + static_cast<std::ptrdiff_t>(index));
  if (m_runs.empty()) m_isHeld = false;
  Q_EMIT changed();
}

void RunQueue::resume() {
  m_isHeld = false;
  startNext();
  Q_EMIT changed();
}

void RunQueue::startNext() {
  if (m_runs.empty() || m_session.isRunning() || m_session.isStarting()) return;
  const QueuedRun next = m_runs.front();
  m_runs.erase(m_runs.begin());
  m_session.startChain(next.origin, next.place, next.overwrite);
  Q_EMIT changed();
}

}  // namespace cubeloom
