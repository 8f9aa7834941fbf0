// SPDX-License-Identifier: GPL-3.0-or-later
// Runs that wait for the one in progress.
#pragma once

#include <QObject>
#include <vector>

#include "ui/run/session.h"

namespace cubeloom {

/// A chain as it was when its run was asked for.
struct QueuedRun {
  RunOrigin origin;
  QString place;           ///< a scheduler's address; empty: this computer
  bool overwrite = false;  ///< files that are there are replaced
};

/// GUI thread only. When a run has come to its end, however it ended, the next one begins; when it was stopped by hand they wait for
/// resume().
class RunQueue : public QObject {
  Q_OBJECT
 public:
  RunQueue(Document& document, Session& session);

  const std::vector<QueuedRun>& runs() const { return m_runs; }
  /// Why the document's chain cannot be put into the queue, in a sentence; empty: it can.
  QString refusal() const;
  /// Puts the document's chain at the end, for the place that is chosen.
  void add();
  void remove(std::size_t index);
  /// They wait because a run was stopped.
  bool isHeld() const { return m_isHeld; }
  void resume();

 signals:
  void changed();

 private:
  void startNext();

  Document& m_document;
  Session& m_session;
  std::vector<QueuedRun> m_runs;
  bool m_isHeld = false;
};

}  // namespace cubeloom
