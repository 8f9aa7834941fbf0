// SPDX-License-Identifier: GPL-3.0-or-later
// What the last run says about each node, and whether that still holds after edits: for canvas and outline alike.
#pragma once

#include <QObject>
#include <QString>
#include <deque>
#include <map>
#include <set>

#include "ui/run/session.h"

namespace cubeloom {

enum class NodeState { Idle, Waiting, Running, Paused, Done, Failed, Canceled, Stale };
/// "running", "done"...; empty for Idle.
QString nodeStateText(NodeState state);

struct NodeRun {
  NodeState state = NodeState::Idle;
  double fraction = 0;  ///< of its chunks
  bool isView = false;  ///< moves no bytes
  QString label;        ///< "75 of 121 chunks · 912 MiB/s" while running
  bool operator==(const NodeRun&) const = default;
};

/// GUI thread only. Watches a session; `changed` a few times a second while a run goes.
class RunStates : public QObject {
  Q_OBJECT
 public:
  RunStates(Document& document, Session& session, QObject* parent = nullptr);
  NodeRun of(const QString& node) const;

 signals:
  void changed();

 private:
  void begin();
  void take();
  /// Finds out which nodes are no longer as they ran, or are fed by such.
  void compare();

  struct Sample {
    double t = 0, bytes = 0;
  };
  Document& m_document;
  Session& m_session;
  Chain m_ranChain;  ///< as it was when the run started
  std::set<std::string> m_stale;
  bool m_hasRun = false;
  double m_toldAt = -1;                                 ///< of the run
  std::map<std::string, std::deque<Sample>> m_samples;  ///< the last seconds, for rates
};

}  // namespace cubeloom
